#include "bridge/relay/main_process.hpp"

#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "support/child.hpp"
#include "support/log_records.hpp"
#include "support/privileges.hpp"
#include "support/variable.hpp"

namespace notifybridge::relay {
namespace {

constexpr const char* system_manager = "/run/systemd/notify";

/// Returns whether a warning is logged if systemd sets these variables.
bool warns(const std::optional<std::string>& exec_pid, const std::optional<std::string>& socket) {
    const test::Variable pid_variable("SYSTEMD_EXEC_PID", exec_pid);
    const test::Variable socket_variable("NOTIFY_SOCKET", socket);
    const test::LogRecords warnings(util::Severity::warning);
    warn_of_main_process();
    return !warnings.texts().empty();
}

struct SocketRow {
    const char* socket;
    bool is_systemd;

    friend std::ostream& operator<<(std::ostream& out, const SocketRow& row) {
        return out << row.socket;
    }
};

constexpr SocketRow socket_rows[] = {
    {system_manager, true},
    {"/run/user/1000/systemd/notify", true},
    {"@/org/freedesktop/systemd1/notify", false},
    {"/run/systemd/notify.sock", false},
    {"/run/containers/notify/notify.sock", false},
    {"", false},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(main_process)

BOOST_DATA_TEST_CASE(only_sockets_of_systemd_cause_a_main_process_warning, socket_rows, row) {
    BOOST_TEST(warns(std::to_string(::getppid()), row.socket) == row.is_systemd);
}

BOOST_AUTO_TEST_CASE(no_main_process_warning_is_logged_without_notify_socket) {
    BOOST_TEST(!warns(std::to_string(::getppid()), std::nullopt));
}

BOOST_AUTO_TEST_CASE(the_main_process_of_a_unit_causes_no_warning) {
    BOOST_TEST(!warns(std::to_string(::getpid()), system_manager));
}

BOOST_AUTO_TEST_CASE(an_unusable_exec_pid_causes_no_warning) {
    for (const char* const pid : {"", "nonsense", "12 ", "99999999999999999999"})
        BOOST_TEST(!warns(pid, system_manager), pid);
    BOOST_TEST(!warns(std::nullopt, system_manager));
}

BOOST_AUTO_TEST_CASE(an_ended_main_process_causes_no_warning) {
    test::Child child;
    const std::string pid = std::to_string(child.pid());
    BOOST_TEST(warns(pid, system_manager));
    child.end();
    child.reap();
    BOOST_TEST(!warns(pid, system_manager));
}

// Below su, notifybridge is not root, but the main process of the unit is.
BOOST_AUTO_TEST_CASE(a_main_process_of_another_user_causes_a_warning) {
    test::Child user([] {
        if (::geteuid() == 0 && ::setresuid(test::nobody, test::nobody, test::nobody) < 0)
            ::_exit(2);
        ::_exit(warns("1", system_manager) ? 0 : 1);
    });
    BOOST_TEST(user.wait() == 0);
}

BOOST_AUTO_TEST_CASE(the_warning_names_the_pid_of_the_main_process) {
    const test::Variable pid("SYSTEMD_EXEC_PID", std::to_string(::getppid()));
    const test::Variable socket("NOTIFY_SOCKET", system_manager);
    const test::LogRecords warnings(util::Severity::warning);
    warn_of_main_process();
    BOOST_TEST(warnings.has("is pid " + std::to_string(::getppid()) + ','));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
