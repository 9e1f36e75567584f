#include "base/process/caller.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>

#include "base/system/pidfd.hpp"

namespace notifybridge::process {
namespace {

/// The variables of a service manager. The constructor sets them, and the destructor unsets them.
struct ManagerVariables {
    ManagerVariables(const std::string& pid, const std::string& id = {}) {
        ::setenv("MANAGERPID", pid.c_str(), 1);
        if (!id.empty())
            ::setenv("MANAGERPIDFDID", id.c_str(), 1);
    }
    ~ManagerVariables() {
        ::unsetenv("MANAGERPID");
        ::unsetenv("MANAGERPIDFDID");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(caller)

BOOST_AUTO_TEST_CASE(the_calling_process_is_the_source_of_a_message) {
    BOOST_TEST(choose_source(70, 80, std::nullopt) == 70);
    BOOST_TEST(choose_source(70, 80, 60) == 70);
}

BOOST_AUTO_TEST_CASE(pid_1_and_the_manager_are_never_the_source_of_a_message) {
    BOOST_TEST(choose_source(70, 80, 70) == 80);
    BOOST_TEST(choose_source(1, 80, std::nullopt) == 80);
    BOOST_TEST(choose_source(0, 80, std::nullopt) == 80);
}

BOOST_AUTO_TEST_CASE(without_managerpid_no_manager_is_found) {
    ::unsetenv("MANAGERPID");
    const ManagerPid manager = find_manager();
    BOOST_TEST(!manager.pid.has_value());
    BOOST_TEST(manager.warning.empty());
}

BOOST_AUTO_TEST_CASE(the_manager_named_by_managerpid_is_used) {
    const ManagerVariables variables("1234567");
    BOOST_TEST(find_manager().pid.value() == 1234567);
}

BOOST_AUTO_TEST_CASE(an_invalid_pid_of_a_manager_is_ignored_with_a_warning) {
    for (const std::string text : {"", "0", "-1", "systemd"}) {
        const ManagerVariables variables(text);
        const ManagerPid manager = find_manager();
        BOOST_TEST(!manager.pid.has_value());
        BOOST_TEST(manager.warning == "$MANAGERPID is set to an invalid PID, ignoring: " + text);
    }
}

BOOST_AUTO_TEST_CASE(a_manager_with_another_pidfd_id_counts_as_gone) {
    const std::string self = std::to_string(::getpid());
    const auto pidfd = system::open_pidfd(::getpid());
    BOOST_TEST_REQUIRE(pidfd.has_value());
    const auto id = system::pidfd_id(*pidfd);
    {
        const ManagerVariables variables(self, std::to_string(id.value_or(0) + 1));
        BOOST_TEST(!find_manager().pid.has_value());
    }
    if (!id)
        return;
    const ManagerVariables variables(self, std::to_string(*id));
    BOOST_TEST(find_manager().pid.value() == ::getpid());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
