#include "bridge/wrap/command_setup.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::wrap {
namespace {

struct Setup {
    process::Command command;

    std::string variable(std::string_view name) const {
        return std::string(command.environment.get(name).value_or("(not set)"));
    }

    void inherit(const std::string& pid) {
        command.environment.set("LISTEN_PID", pid);
        command.environment.set("LISTEN_FDS", "2");
        command.environment.set("LISTEN_FDNAMES", "a:b");
        command.environment.set("LISTEN_PIDFDID", "1");
    }
};

using Variables = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(command_setup, Setup)

BOOST_AUTO_TEST_CASE(a_watchdog_applies_to_each_process_of_the_command) {
    command.environment.set("WATCHDOG_PID", "1");
    pass_watchdog(command, std::chrono::seconds(3), WatchdogPid::none);
    BOOST_TEST(variable("WATCHDOG_USEC") == "3000000");
    BOOST_TEST(variable("WATCHDOG_PID") == "(not set)");
    BOOST_TEST(command.pid_variables.empty());
}

BOOST_AUTO_TEST_CASE(a_watchdog_can_apply_to_the_command_alone) {
    command.environment.set("WATCHDOG_PID", "1");
    pass_watchdog(command, std::chrono::seconds(3), WatchdogPid::command);
    BOOST_TEST(variable("WATCHDOG_USEC") == "3000000");
    BOOST_TEST(variable("WATCHDOG_PID") == "(not set)");
    BOOST_TEST(command.pid_variables == Variables{"WATCHDOG_PID"});
}

BOOST_AUTO_TEST_CASE(watchdog_variables_for_another_process_are_removed) {
    command.environment.set("WATCHDOG_PID", "1");
    command.environment.set("WATCHDOG_USEC", "1000");
    pass_watchdog(command, std::nullopt, WatchdogPid::command);
    BOOST_TEST(variable("WATCHDOG_USEC") == "(not set)");
    BOOST_TEST(variable("WATCHDOG_PID") == "(not set)");
    BOOST_TEST(command.pid_variables.empty());
}

BOOST_AUTO_TEST_CASE(descriptors_for_us_are_passed_to_the_command) {
    inherit(std::to_string(::getpid()));
    pass_listen_fds(command, {});
    BOOST_TEST(variable("LISTEN_FDS") == "2");
    BOOST_TEST(variable("LISTEN_FDNAMES") == "a:b");
    BOOST_TEST(variable("LISTEN_PIDFDID") == "(not set)");
    BOOST_TEST(command.pid_variables == Variables{"LISTEN_PID"});
    BOOST_TEST(command.passed_fds.empty());
}

BOOST_AUTO_TEST_CASE(descriptors_for_other_processes_are_not_passed_on) {
    inherit("1");
    pass_listen_fds(command, {});
    for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"})
        BOOST_TEST(variable(name) == "(not set)");
    BOOST_TEST(command.pid_variables.empty());
}

BOOST_AUTO_TEST_CASE(descriptors_from_wait_replace_inherited_descriptors) {
    inherit("1");
    relay::NamedFds handed_in;
    handed_in.fds.emplace_back(::dup(STDERR_FILENO));
    handed_in.names = {"http"};
    pass_listen_fds(command, handed_in);
    BOOST_TEST(variable("LISTEN_FDS") == "1");
    BOOST_TEST(variable("LISTEN_FDNAMES") == "http");
    BOOST_TEST(command.pid_variables == Variables{"LISTEN_PID"});
    BOOST_TEST_REQUIRE(command.passed_fds.size() == 1u);
    BOOST_TEST(command.passed_fds[0].get() == handed_in.fds[0].get());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
