#include "base/process/environment.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace notifybridge::process {

BOOST_AUTO_TEST_SUITE(environment)

BOOST_AUTO_TEST_CASE(setting_a_variable_again_replaces_its_value) {
    Environment environment;
    environment.set("A", "1");
    environment.set("B", "2");
    environment.set("A", "3");
    BOOST_TEST(environment.entries() == (std::vector<std::string>{"A=3", "B=2"}),
               boost::test_tools::per_element());
    BOOST_TEST(environment.get("A").value() == "3");
}

BOOST_AUTO_TEST_CASE(setting_a_variable_removes_its_duplicates) {
    std::array<std::string, 3> given = {"A=1", "B=2", "A=3"};
    std::array<char*, 4> entries = {given[0].data(), given[1].data(), given[2].data(), nullptr};
    char** const before = std::exchange(environ, entries.data());
    Environment environment = Environment::inherited();
    environ = before;
    environment.set("A", "4");
    BOOST_TEST(environment.entries() == (std::vector<std::string>{"A=4", "B=2"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_variable_that_was_removed_is_not_set) {
    Environment environment;
    environment.set("WATCHDOG_PID", "1");
    environment.set("WATCHDOG_PID2", "2");
    environment.unset("WATCHDOG_PID");
    environment.unset("WATCHDOG");
    BOOST_TEST(!environment.get("WATCHDOG_PID").has_value());
    BOOST_TEST(environment.get("WATCHDOG_PID2").value() == "2");
    BOOST_TEST(!environment.get("WATCHDOG").has_value());
}

BOOST_AUTO_TEST_CASE(a_variable_may_be_empty_or_have_equals_signs) {
    Environment environment;
    environment.set("A", "");
    environment.set("B", "c=d");
    BOOST_TEST(environment.get("A").value() == "");
    BOOST_TEST(environment.get("B").value() == "c=d");
}

BOOST_AUTO_TEST_CASE(the_environment_of_this_process_is_inherited) {
    ::setenv("NOTIFYBRIDGE_TEST", "value", 1);
    BOOST_TEST(Environment::inherited().get("NOTIFYBRIDGE_TEST").value() == "value");
    BOOST_TEST(environment_variable("NOTIFYBRIDGE_TEST").value() == "value");
    ::unsetenv("NOTIFYBRIDGE_TEST");
    BOOST_TEST(!Environment::inherited().get("NOTIFYBRIDGE_TEST").has_value());
    BOOST_TEST(!environment_variable("NOTIFYBRIDGE_TEST").has_value());
}

BOOST_AUTO_TEST_CASE(relative_paths_begin_at_the_working_directory) {
    const std::string here = std::filesystem::current_path();
    BOOST_TEST(absolute_path("./a//b/") == here + "/a/b");
    BOOST_TEST(absolute_path(".") == here);
    BOOST_TEST(absolute_paths("/a:b:./c") == "/a:" + here + "/b:" + here + "/c");
    BOOST_TEST(absolute_paths("/a:") == "/a:");
    BOOST_TEST(absolute_paths("") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
