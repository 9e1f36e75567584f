#include "init/rules/unit_types/result.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::unit_types {
namespace {

ExecStatus end_of(process::ExitStatus status, bool dumped_core = false) {
    ExecStatus run = ExecStatus::started(7, {});
    run.ended(status, dumped_core, {});
    return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(results)

BOOST_AUTO_TEST_CASE(a_result_has_the_name_that_systemd_shows) {
    BOOST_TEST(to_string(Result::success) == "success");
    BOOST_TEST(to_string(Result::core_dump) == "core-dump");
    BOOST_TEST(to_string(Result::service_start_limit_hit) == "service-start-limit-hit");
}

BOOST_AUTO_TEST_CASE(a_failed_process_determines_the_result_of_its_unit) {
    const auto result = [](const ExecStatus& run) {
        return to_string(result_of(run, ProcessKind::command, nullptr));
    };
    BOOST_TEST(result(end_of(process::ExitStatus::exited(0))) == "success");
    BOOST_TEST(result(end_of(process::ExitStatus::exited(1))) == "exit-code");
    BOOST_TEST(result(end_of(process::ExitStatus::killed(SIGTERM))) == "signal");
    BOOST_TEST(result(end_of(process::ExitStatus::killed(SIGSEGV), true)) == "core-dump");
}

BOOST_AUTO_TEST_CASE(sigterm_ends_a_daemon_cleanly) {
    const ExecStatus run = end_of(process::ExitStatus::killed(SIGTERM));
    BOOST_TEST(to_string(result_of(run, ProcessKind::daemon, nullptr)) == "success");
}

BOOST_AUTO_TEST_CASE(the_prefix_minus_ignores_any_failure_of_a_command) {
    unit::Command command;
    const ExecStatus run = end_of(process::ExitStatus::killed(SIGSEGV), true);
    BOOST_TEST(to_string(result_of(run, ProcessKind::command, &command)) == "core-dump");
    command.ignores_failure = true;
    BOOST_TEST(to_string(result_of(run, ProcessKind::command, &command)) == "success");
}

BOOST_AUTO_TEST_CASE(success_exit_status_adds_clean_ends) {
    unit::ExitStatusSet success;
    success.statuses.set(3);
    const ExecStatus run = end_of(process::ExitStatus::exited(3));
    BOOST_TEST(to_string(result_of(run, ProcessKind::command, nullptr, success)) == "success");
    BOOST_TEST(to_string(result_of(run, ProcessKind::command, nullptr)) == "exit-code");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
