#include "init/hands/execute/environment.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/system/executable.hpp"
#include "init/hands/execute/glob.hpp"
#include "units.hpp"

namespace notifybridge::execute {
namespace {

using test::Units;

constexpr const char* passwd =
    "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin/:/usr/sbin/nologin\n"
    "web:x:33:33:www-data:/var/www:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
constexpr const char* group =
    "root:x:0:\ndaemon:x:1:\nweb:x:33:\nlog:x:44:daemon,web\ntape:x:26:webby,web\nnet:x:55:\n";

Identity identify(const std::string& lines, Failure& failure) {
    const Units units;
    return find_identity(units.service("ExecStart=/bin/true\n" + lines).settings.exec, passwd,
                         group, {}, failure);
}

Identity identify(const std::string& lines) {
    Failure failure;
    const Identity identity = identify(lines, failure);
    BOOST_TEST(!failure);
    return identity;
}

/// Returns the environment of a service with these lines, for the user `identity`.
unit::Environment environment(const Units& units, const std::string& lines,
                              const unit::Environment& process = {},
                              const Identity& identity = {}) {
    const auto unit = units.service("ExecStart=/bin/true\n" + lines);
    static const unit::Environment manager = {"PATH=/bin", "LANG=C.UTF-8", "FROM=manager"};
    return make_environment(unit.settings.exec, {units.facts, manager, process, identity});
}

/// Returns the value of a variable, or "(unset)".
std::string get(const unit::Environment& environment, std::string_view name) {
    return std::string(unit::get_variable(environment, name).value_or("(unset)"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(environment_of_processes)

BOOST_AUTO_TEST_CASE(environment_variables_override_each_other_as_in_systemd) {
    const Units units;
    units.directory.write("file", "FROM=file\n");
    BOOST_TEST(get(environment(units, ""), "FROM") == "manager");
    BOOST_TEST(get(environment(units, "", {"FROM=process"}), "FROM") == "process");
    ::setenv("FROM", "passed", 1);
    BOOST_TEST(get(environment(units, "PassEnvironment=FROM", {"FROM=process"}), "FROM")
               == "passed");
    const std::string lines = "PassEnvironment=FROM\nEnvironment=FROM=unit\n";
    BOOST_TEST(get(environment(units, lines), "FROM") == "unit");
    BOOST_TEST(get(environment(units, lines + "EnvironmentFile=@/file"), "FROM") == "file");
    const std::string unset = "EnvironmentFile=@/file\nUnsetEnvironment=FROM";
    BOOST_TEST(get(environment(units, lines + unset), "FROM") == "(unset)");
    BOOST_TEST(get(environment(units, lines + unset + "=other"), "FROM") == "file");
    ::unsetenv("FROM");
}

BOOST_AUTO_TEST_CASE(variables_of_the_unit_override_those_of_the_manager) {
    const Units units;
    const auto found = environment(units,
                                   "Environment=SYSTEMD_EXEC_PID=1 NOTIFY_SOCKET=mine\n"
                                   "RuntimeDirectory=a\nEnvironment=RUNTIME_DIRECTORY=x",
                                   {"NOTIFY_SOCKET=/run/notify"});
    BOOST_TEST(get(found, "SYSTEMD_EXEC_PID") == "1");
    BOOST_TEST(get(found, "NOTIFY_SOCKET") == "mine");
    BOOST_TEST(get(found, "RUNTIME_DIRECTORY") == "x");
}

BOOST_AUTO_TEST_CASE(directory_variables_have_absolute_paths_and_colons) {
    const Units units;
    const auto found = environment(units, "RuntimeDirectory=b/c a\nConfigurationDirectory=etc");
    const std::string& run = units.facts.runtime_directory;
    BOOST_TEST(get(found, "RUNTIME_DIRECTORY") == run + "/a:" + run + "/b/c");
    BOOST_TEST(get(found, "CONFIGURATION_DIRECTORY")
               == units.facts.configuration_directory + "/etc");
    BOOST_TEST(get(found, "STATE_DIRECTORY") == "(unset)");
}

BOOST_AUTO_TEST_CASE(only_a_unit_with_a_user_gets_variables_of_the_user) {
    const Units units;
    const auto none = environment(units, "");
    for (const char* const name : {"HOME", "LOGNAME", "SHELL"})
        BOOST_TEST(get(none, name) == "(unset)");
    // As in systemd 257, USER also names the manager's user.
    BOOST_TEST(get(none, "USER") == units.facts.user);
    const auto web = environment(units, "", {}, identify("User=web"));
    BOOST_TEST(get(web, "USER") == "web");
    BOOST_TEST(get(web, "LOGNAME") == "web");
    BOOST_TEST(get(web, "HOME") == "/var/www");
    BOOST_TEST(get(web, "SHELL") == "/bin/sh");
}

BOOST_AUTO_TEST_CASE(an_unusable_home_or_shell_of_a_user_is_ignored) {
    const Identity daemon = identify("User=1");
    BOOST_TEST(daemon.user == "daemon");
    BOOST_TEST(daemon.home == "/usr/sbin");
    BOOST_TEST(daemon.shell == "");
    BOOST_TEST(identify("User=nobody").home == "");
    BOOST_TEST(identify("User=nobody").shell == "");
}

BOOST_AUTO_TEST_CASE(supplementary_groups_are_added_to_the_users_groups) {
    const auto groups = [](const std::string& lines) {
        const auto found = identify(lines).groups;
        return found ? *found : std::vector<gid_t>{999};
    };
    BOOST_TEST((groups("User=web") == std::vector<gid_t>{33, 44, 26}));
    BOOST_TEST((groups("User=web\nGroup=net") == std::vector<gid_t>{55, 44, 26}));
    BOOST_TEST(
        (groups("User=web\nSupplementaryGroups=net tape") == std::vector<gid_t>{33, 44, 26, 55}));
    BOOST_TEST((groups("SupplementaryGroups=net 44") == std::vector<gid_t>{55, 44}));
    BOOST_TEST((groups("User=root") == std::vector<gid_t>{999}));
    BOOST_TEST((groups("Group=net") == std::vector<gid_t>{999}));
    BOOST_TEST(identify("User=web\nGroup=net").gid.value() == 55u);
}

BOOST_AUTO_TEST_CASE(a_service_with_an_unknown_user_or_group_fails_to_start) {
    Failure failure;
    identify("User=33333", failure);
    BOOST_TEST((failure == Failure{Step::user, ESRCH}));
    failure = {};
    identify("SupplementaryGroups=nowhere", failure);
    BOOST_TEST((failure == Failure{Step::group, ESRCH}));
    failure = {};
    const Units units;
    const auto root = units.service("ExecStart=/bin/true\nUser=root\nGroup=0");
    BOOST_TEST(find_identity(root.settings.exec, "", "", {}, failure).home == "/root");
    BOOST_TEST(!failure);
}

BOOST_AUTO_TEST_CASE(a_service_may_have_many_or_missing_environment_files) {
    const Units units;
    units.directory.write("b.env", "B=1\nC=1\n");
    units.directory.write("c.env", "C=2\n");
    units.directory.write(".hidden.env", "HIDDEN=1\n");
    const auto found = environment(
        units, "EnvironmentFile=-/no/such\nEnvironmentFile=@/*.env\nEnvironmentFile=-@/*.none");
    BOOST_TEST(get(found, "B") == "1");
    BOOST_TEST(get(found, "C") == "2");
    BOOST_TEST(get(found, "HIDDEN") == "(unset)");
    BOOST_CHECK_THROW(environment(units, "EnvironmentFile=/no/such"), std::system_error);
    BOOST_CHECK_THROW(environment(units, "EnvironmentFile=@/*.none"), std::system_error);
    BOOST_CHECK_THROW(environment(units, "EnvironmentFile=@/units"), std::system_error);
}

BOOST_AUTO_TEST_CASE(variables_describe_the_descriptors_and_the_watchdog) {
    const Units units;
    const auto unit = units.service("ExecStart=/bin/true");
    const Identity nobody;
    EnvironmentFacts given{units.facts, {}, {}, nobody};
    given.fd_names = {"a", "b"};
    given.watchdog = std::chrono::seconds(3);
    given.invocation_id = "0123";
    const auto found = make_environment(unit.settings.exec, given);
    BOOST_TEST(get(found, "LISTEN_FDS") == "2");
    BOOST_TEST(get(found, "LISTEN_FDNAMES") == "a:b");
    BOOST_TEST(get(found, "LISTEN_PID") == pid_placeholder);
    BOOST_TEST(get(found, "WATCHDOG_USEC") == "3000000");
    BOOST_TEST(get(found, "WATCHDOG_PID") == pid_placeholder);
    BOOST_TEST(get(found, "INVOCATION_ID") == "0123");
    BOOST_TEST(get(environment(units, ""), "LISTEN_FDS") == "(unset)");
    BOOST_TEST(get(environment(units, ""), "WATCHDOG_USEC") == "(unset)");
}

BOOST_AUTO_TEST_CASE(the_variable_term_is_set_for_a_terminal) {
    const Units units;
    BOOST_TEST(get(environment(units, ""), "TERM") == "(unset)");
    BOOST_TEST(get(environment(units, "StandardOutput=tty"), "TERM") == "vt220");
    BOOST_TEST(get(environment(units, "TTYPath=/dev/tty7"), "TERM") == "linux");
    BOOST_TEST(get(environment(units, "StandardInput=tty\nTTYPath=/dev/ttyS0"), "TERM") == "vt220");
}

BOOST_AUTO_TEST_CASE(the_manager_environment_has_path_and_language) {
    const auto found = manager_environment("LANG=de_DE.UTF-8\nLC_TIME=C\nOTHER=1\n");
    BOOST_TEST(get(found, "PATH") == system::default_search_path);
    BOOST_TEST(get(found, "LANG") == "de_DE.UTF-8");
    BOOST_TEST(get(found, "LC_TIME") == "C");
    BOOST_TEST(get(found, "OTHER") == "(unset)");
    BOOST_TEST(get(manager_environment(""), "LANG") == "C.UTF-8");
}

BOOST_AUTO_TEST_CASE(patterns_for_environment_files_match_as_in_a_shell) {
    const Units units;
    for (const char* const name : {"a1", "a2", "b1", ".a"})
        units.directory.write(name, "");
    const auto count = [&](const std::string& pattern, Braces braces = Braces::kept) {
        return glob(units.directory.path(pattern), braces).size();
    };
    BOOST_TEST(count("a*") == 2u);
    BOOST_TEST(count("?1") == 2u);
    BOOST_TEST(count("[ab]1") == 2u);
    BOOST_TEST(count("{a,b}1") == 0u);
    BOOST_TEST(count("{a,b}1", Braces::expanded) == 2u);
    BOOST_TEST(count("{a{1,2},b1}", Braces::expanded) == 3u);
    BOOST_TEST(count("a1") == 1u);
    BOOST_TEST(count("a1/*") == 0u);
    BOOST_TEST(count("*/a1") == 0u);
    BOOST_TEST(count("none") == 0u);
    BOOST_TEST(glob("/etc/pass*d").size() == 1u);
    BOOST_TEST(glob("relative*").empty());
}

BOOST_AUTO_TEST_CASE(the_looks_at_files_for_a_pattern_are_counted) {
    const Units units;
    for (const std::string directory : {"d/a/", "d/b/", "d/c/"}) {
        std::filesystem::create_directories(units.directory.path(directory));
        for (const std::string name : {"1", "2", "3"})
            units.directory.write(directory + name, "");
    }
    const auto matches = [&](std::size_t most, const std::string& pattern) {
        const auto found = glob_within(most, units.directory.path(pattern), Braces::expanded);
        return found ? static_cast<int>(found->size()) : -1;
    };
    // A directory counts as one look, and each of its names as another. Each match is checked.
    BOOST_TEST(matches(1, "d/a/1") == 1);
    BOOST_TEST(matches(0, "d/a/1") == -1);
    BOOST_TEST(matches(7, "d/a/*") == 3);
    BOOST_TEST(matches(6, "d/a/*") == -1);
    BOOST_TEST(matches(4, "d/a/x*") == 0);
    BOOST_TEST(matches(3, "d/a/x*") == -1);
    BOOST_TEST(matches(19, "d/*/1*") == 3);
    BOOST_TEST(matches(18, "d/*/1*") == -1);
    BOOST_TEST(matches(2, "d/{a,b}/1") == 2);
    BOOST_TEST(matches(1, "d/{a,b}/1") == -1);
    BOOST_TEST(matches(1, "none/*") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::execute
