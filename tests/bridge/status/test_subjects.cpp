#include "bridge/status/subjects.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/concat.hpp"
#include "bridge/channel/directory.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::status::test_subjects {
namespace {

using util::concat;
using Strings = std::vector<std::string>;

struct Directories {
    test::TemporaryDirectory directory;

    /// Creates a directory that `wrap` or `wait` has used.
    void add(const std::string& name, const char* file = channel::host_name) const {
        std::filesystem::create_directories(directory.path(name));
        directory.write(concat(name, '/', file), "");
    }

    Strings names_in(const std::string& path) const {
        Strings names;
        const auto subjects = open_subjects(path, "status");
        BOOST_TEST_REQUIRE(subjects.has_value());
        for (const Subject& subject : *subjects)
            names.push_back(concat(subject.name, ' ', subject.path));
        return names;
    }
};

std::string reason(const std::string& path, int error, std::string_view why_no_unit = {}) {
    return why_not_open(path, system::error_of(error), why_no_unit);
}

bool has(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

constexpr std::string_view advice_to_name_one = "name the shared directory";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(subjects_of_a_path, Directories)

BOOST_AUTO_TEST_CASE(a_directory_without_members_is_one_subject) {
    const std::string path = directory.path();
    BOOST_TEST(names_in(path) == Strings{concat(' ', path)}, boost::test_tools::per_element());
    add("empty-db", "other");
    BOOST_TEST(names_in(path) == Strings{concat(' ', path)}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_member_of_a_directory_is_a_subject) {
    add("web");
    add("db", channel::journal_name);
    add("other", "file");
    const std::string path = directory.path();
    const Strings members = {concat("db ", path, "/db"), concat("web ", path, "/web")};
    BOOST_TEST(names_in(path) == members, boost::test_tools::per_element());
    BOOST_TEST(names_in(concat(path, '/')) == members, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_directory_with_our_files_has_no_members) {
    add("web");
    add(".", channel::journal_name);
    const std::string path = directory.path();
    BOOST_TEST(names_in(path) == Strings{concat(' ', path)}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_missing_directory_has_no_subjects) {
    BOOST_TEST(open_subjects(directory.path("none"), "").error().value() == ENOENT);
    directory.write("file", "");
    BOOST_TEST(open_subjects(directory.path("file"), "").error().value() == ENOTDIR);
}

BOOST_AUTO_TEST_CASE(a_shared_directory_is_not_a_unit_name) {
    add("app.service");
    BOOST_TEST_REQUIRE(::chdir(directory.path().c_str()) == 0);
    const NamedUnit found = find_named_unit("app.service", "status");
    BOOST_TEST_REQUIRE(::chdir("/") == 0);
    BOOST_TEST(found.subjects.empty());
    BOOST_TEST(!found.unit.has_value());
    BOOST_TEST(found.why_not.empty());
}

BOOST_AUTO_TEST_CASE(a_path_is_not_a_unit_name) {
    const NamedUnit found = find_named_unit(directory.path("app.service"), "status");
    BOOST_TEST(found.subjects.empty());
    BOOST_TEST(!found.unit.has_value());
    BOOST_TEST(found.why_not.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(reasons_for_no_subject)

BOOST_AUTO_TEST_CASE(advice_about_a_forbidden_directory_names_root_and_owner) {
    const std::string text = reason("/run/notifybridge/app.service/shared", EACCES, "no unit");
    BOOST_TEST(has(text, "run this as root, or as the owner of the directory"));
    BOOST_TEST(!has(text, "no unit"));
}

BOOST_AUTO_TEST_CASE(an_input_output_error_is_described_without_advice) {
    BOOST_TEST(reason("/shared", EIO) == system::describe(EIO));
}

BOOST_AUTO_TEST_CASE(a_name_without_a_unit_reports_the_missing_unit) {
    for (const int error : {ENOENT, ENOTDIR}) {
        const std::string text = reason("app", error, "there is no unit app.service");
        BOOST_TEST(has(text, "; there is no unit app.service; `notifybridge status --all`"));
    }
}

BOOST_AUTO_TEST_CASE(a_missing_directory_of_run_names_its_service) {
    for (const char* const path : {"/run/notifybridge/app.service/shared",
                                   "/run/user/0/containers/notifybridge/app.service/shared"}) {
        const std::string text = reason(path, ENOENT);
        BOOST_TEST(has(text, "exists only while the unit runs; `notifybridge status app.service`"));
    }
}

BOOST_AUTO_TEST_CASE(a_missing_path_not_made_by_run_names_no_service) {
    for (const char* const path :
         {"/tmp/container-notify", "/run/notifybridge/app.service", "/run/notifybridge/app/shared",
          "/run/notifybridge/shared", "/run/other/app.service/shared",
          "/run/notifybridge/a/b.service/shared"}) {
        const std::string text = reason(path, ENOENT);
        BOOST_TEST(has(text, advice_to_name_one));
        BOOST_TEST(!has(text, "exists only while the unit runs"));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::status::test_subjects
