#include "init/hands/condition/conditions.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/util/concat.hpp"
#include "init/hands/condition/order.hpp"
#include "init/hands/execute/environment.hpp"
#include "init/hands/execute/units.hpp"
#include "support/privileges.hpp"

namespace notifybridge::condition {
namespace {

using execute::test::Units;

struct Sample {
    const char* lines;  ///< Lines of [Unit], each without the prefix "Condition".
    bool holds;
};

std::ostream& operator<<(std::ostream& out, const Sample& sample) {
    return out << sample.lines;
}

/// Returns whether the conditions of a unit hold. Adds the parameters of unmet conditions to
/// `parameters`.
bool hold(const Units& units, const std::string& lines,
          std::vector<std::string>* parameters = nullptr) {
    std::string text = "[Unit]\n";
    for (std::size_t at = 0; at < lines.size();
         at = std::min(lines.find('\n', at), lines.size()) + 1)
        text += "Condition" + lines.substr(at, lines.find('\n', at) - at) + '\n';
    const auto unit = units.load("a.service", text + "[Service]\nExecStart=/bin/true\n");
    static const unit::Environment environment = {"PATH=/bin", "A=b"};
    unit::UnmetConditions unmet;
    const bool all = all_hold(unit.settings.unit.conditions, {units.facts, environment}, unmet);
    for (const unit::Condition* const each : unmet)
        if (parameters)
            parameters->push_back(each->parameter);
    return all;
}

/// Returns the result of a condition about a path that looks at most at `most` files.
std::optional<bool> met_within(std::size_t most, const char* type, const std::string& path) {
    static const unit::Facts facts;
    static const unit::Environment environment;
    return is_met({type, path}, {facts, environment, most});
}

// The results are from systemd 252, or from systemd's manual if a condition is newer.
const Sample samples[] = {
    {"PathExists=@/file", true},
    {"PathExists=!@/file", false},
    {"PathExists=@/none", false},
    {"PathExistsGlob=@/fi*", true},
    {"PathExistsGlob=@/{none,file}", true},
    {"PathExistsGlob=@/x*", false},
    {"PathIsDirectory=@/directory", true},
    {"PathIsDirectory=@/file", false},
    {"PathIsDirectory=@/link", true},
    {"PathIsSymbolicLink=@/link", true},
    {"PathIsSymbolicLink=@/file", false},
    {"PathIsMountPoint=/proc", true},
    {"PathIsMountPoint=@/directory", false},
    {"PathIsSocket=@/socket", true},
    {"PathIsSocket=@/file", false},
    {"PathIsSocket=@/none", false},
    {"PathIsReadWrite=@/directory", true},
    {"PathIsReadWrite=@/none", false},
    {"PathIsEncrypted=/", false},
    {"DirectoryNotEmpty=@", true},
    {"DirectoryNotEmpty=@/directory", false},
    {"DirectoryNotEmpty=@/none", false},
    {"DirectoryNotEmpty=@/leftovers", false},
    {"DirectoryNotEmpty=@/file", false},
    {"FileNotEmpty=@/file", true},
    {"FileNotEmpty=@/empty", false},
    {"FileNotEmpty=@", false},
    {"FileIsExecutable=@/program", true},
    {"FileIsExecutable=@/file", false},
    {"FileIsExecutable=@/directory", false},
    {"FirstBoot=maybe", false},
    {"FirstBoot=!maybe", false},
    {"Host=*", true},
    {"Host=no-such-host", false},
    {"Architecture=native", true},
    {"Architecture=made-up", true},
    {"Architecture=other", false},
    {"KernelCommandLine=no-such-word", false},
    {"Environment=PATH", true},
    {"Environment=A=b", true},
    {"Environment=A=c", false},
    {"Environment=NONE", false},
    {"Memory=>1M", true},
    {"Memory=1M", true},
    {"Memory=<1M", false},
    {"Memory=> 100000G", false},
    {"Memory=much", false},
    {"CPUs=>=1", true},
    {"CPUs=1", true},
    {"CPUs=<1", false},
    {"CPUs=!= 0", true},
    {"CPUs=x", false},
    {"CPUs=!x", false},
    {"OSRelease=NONE=x", false},
    {"OSRelease=ID!=none", true},
    {"OSRelease=ID$=?*", true},
    {"OSRelease=ID!$=?*", false},
    {"OSRelease=nonsense", false},
    {"Security=none-such", false},
    {"Capability=CAP_NOPE", false},
    {"Capability=!CAP_NOPE", false},
    {"NeedsUpdate=@/directory", true},
    {"NeedsUpdate=@/updated", false},
    {"ControlGroupController=none-such", true},
    {"KernelVersion=>2", true},
    {"KernelVersion=*.*", true},
    {"KernelVersion=<2", false},
    {"KernelVersion=>=2 <1000", true},
    {"KernelVersion=> 2 <1000", true},
    {"KernelVersion=>2 > 1000", false},
    {"Version=>2 <1000", true},
    {"Version=kernel > 1000", false},
    {"Version=kernel *.*", true},
    {"Version=!$=*.*", false},
    {"Version=kernel !$=*.*", false},
    {"Version=systemd >= 252", true},
    {"Version=systemd>=252", true},
    {"Version=systemd>252", false},
    {"Version=kernel>=2", true},
    {R"(Version=kernel " >= 2.0" " * " "<1000 ")", true},
    {R"(Version=kernel ">=2)", false},
    {"Version=systemd", true},
    {"Version=systemd $=25[3-9]", false},
    {"Version=systemd <258", true},
    {"Version=systemd =252 <1", false},
    {"Version=glibc >=2", false},
    {"Version=!glibc >=2", false},
    {"KernelModuleLoaded=no-such-module", false},
    {"KernelModuleLoaded=../kernel", false},
    {"Firmware=made-up", false},
    {"Credential=none", false},
    {"CPUFeature=none-such", false},
    {"CPUPressure=0.00001%", false},
    {"MemoryPressure=100%", true},
    {"IOPressure=100%/10sec", true},
    {"IOPressure=100%/10s", false},
    {"IOPressure=100% / 5min", true},
    {"IOPressure=100.01%", false},
    {"IOPressure=1000‰", true},
    {"IOPressure=10001‱", false},
    {"IOPressure=half", false},
    {"PathExists=|@/none\nPathExists=|@/file", true},
    {"PathExists=|@/none\nPathExists=|@/none2", false},
    {"PathExists=@/file\nPathExists=|@/none", false},
    {"PathExists=@/none\nPathExists=|@/file", false},
    {"PathExists=|!@/none", true},
    {"PathExists=|!@/file\nPathExists=@/file", false},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(conditions)

BOOST_DATA_TEST_CASE(conditions_are_met_in_the_same_cases_as_in_systemd,
                     boost::unit_test::data::make(samples), sample) {
    Units units;
    units.facts.architecture = "made-up";
    units.directory.write("file", "content");
    units.directory.write("empty", "");
    units.directory.write("program", "#!/bin/sh\n");
    ::chmod(units.directory.path("program").c_str(), 0755);
    std::filesystem::create_directories(units.directory.path("directory"));
    std::filesystem::create_directories(units.directory.path("updated"));
    units.directory.write("updated/.updated", "");
    std::filesystem::create_directories(units.directory.path("leftovers"));
    for (const char* const name : {".hidden", "a~", "lost+found", "a.conf.dpkg-old", "a.bak"})
        units.directory.write(util::concat("leftovers/", name), "");
    BOOST_REQUIRE(::mknod(units.directory.path("socket").c_str(), S_IFSOCK | 0600, 0) == 0);
    BOOST_REQUIRE(::symlink("directory", units.directory.path("link").c_str()) == 0);
    BOOST_TEST(hold(units, sample.lines) == sample.holds);
}

BOOST_AUTO_TEST_CASE(conditions_on_user_and_group_check_our_ids) {
    const Units units;
    const std::string uid = std::to_string(::geteuid()), gid = std::to_string(::getegid());
    BOOST_TEST(hold(units, "User=" + uid + "\nGroup=" + gid));
    BOOST_TEST(!hold(units, "User=12345678"));
    BOOST_TEST(!hold(units, "Group=12345678"));
    BOOST_TEST(!hold(units, "User=no-such-user"));
    BOOST_TEST(!hold(units, "Group=no-such-group"));
}

BOOST_AUTO_TEST_CASE(root_is_a_system_user,
                     *boost::unit_test::precondition(notifybridge::test::is_root)) {
    const Units units;
    BOOST_TEST(hold(units, "User=root\nUser=0\nGroup=root"));
    BOOST_TEST(hold(units, "User=!daemon"));
}

BOOST_AUTO_TEST_CASE(unmet_conditions_are_reported) {
    const Units units;
    using Parameters = std::vector<std::string>;
    const auto unmet = [&](const std::string& lines) {
        Parameters parameters;
        BOOST_TEST(!hold(units, lines, &parameters));
        return parameters;
    };
    BOOST_TEST(unmet("PathExists=/\nPathExists=/none\nPathExists=/none2") == Parameters{"/none2"},
               boost::test_tools::per_element());
    BOOST_TEST(unmet("PathExists=|/none\nPathExists=|/none2") == (Parameters{"/none2", "/none"}),
               boost::test_tools::per_element());
    BOOST_TEST(unmet("PathExists=|/none\nPathExists=/none2\nPathExists=|/") == Parameters{"/none2"},
               boost::test_tools::per_element());
    Parameters parameters;
    BOOST_TEST(hold(units, "PathExists=/", &parameters));
    BOOST_TEST(parameters.empty());
}

BOOST_AUTO_TEST_CASE(versions_are_compared_as_specified) {
    // Each version is older than the next one (UAPI.10, Version Format Specification, EXAMPLES).
    const std::vector<std::string> ordered = {
        "~1",    "",        "ab",         "abb",   "abc",     "0001",    "002",    "12",
        "122",   "122.9",   "123~rc1",    "123",   "123-a",   "123-a.1", "123-a1", "123-a1.1",
        "123-3", "123-3.1", "123^patch1", "123^1", "123.a-1", "123.1-1", "123a-1", "124"};
    for (std::size_t a = 0; a < ordered.size(); ++a)
        for (std::size_t b = 0; b < ordered.size(); ++b) {
            const int found = compare_versions(ordered[a], ordered[b]);
            const int wanted = a < b ? -1 : a > b ? 1 : 0;
            BOOST_TEST(found == wanted, ordered[a] << " and " << ordered[b] << ": " << found);
        }
    BOOST_TEST(compare_versions("1_", "1") == 0);
    BOOST_TEST(compare_versions("123-3", "0123-03") == 0);
}

BOOST_AUTO_TEST_CASE(a_condition_about_too_many_files_has_no_result) {
    const Units units;
    std::filesystem::create_directory(units.directory.path("d"));
    for (const char* const name : {"d/.1", "d/.2", "d/.3"})
        units.directory.write(name, "");
    const std::string directory = units.directory.path("d");
    const std::string pattern = directory + "/x*";
    BOOST_TEST((met_within(4, "DirectoryNotEmpty", directory) == false));
    BOOST_TEST(!met_within(3, "DirectoryNotEmpty", directory));
    BOOST_TEST((met_within(4, "PathExistsGlob", pattern) == false));
    BOOST_TEST(!met_within(3, "PathExistsGlob", pattern));
    BOOST_TEST((met_within(0, "PathExists", directory) == true));
    units.directory.write("d/file", "");
    BOOST_TEST((met_within(4, "DirectoryNotEmpty", directory) == true));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::condition
