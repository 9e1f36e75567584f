#include "init/rules/unit_types/exec_status.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::unit_types {
namespace {

constexpr system::Moment begin{1000, 10};
constexpr system::Moment end{2000, 20};

ExecStatus run_of(process::ExitStatus status, bool dumped_core = false) {
    ExecStatus run = ExecStatus::started(7, begin);
    run.ended(status, dumped_core, end);
    return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exec_status)

BOOST_AUTO_TEST_CASE(a_running_command_has_no_exit_code) {
    const ExecStatus run = ExecStatus::started(7, begin);
    BOOST_TEST(run.pid == 7);
    BOOST_TEST(!run.has_ended);
    BOOST_TEST(run.code() == 0);
    BOOST_TEST(run.start.monotonic == begin.monotonic);
}

BOOST_AUTO_TEST_CASE(an_exited_command_is_shown_with_its_status) {
    const ExecStatus run = run_of(process::ExitStatus::exited(3));
    BOOST_TEST(run.code() == CLD_EXITED);
    BOOST_TEST(run.number() == 3);
    BOOST_TEST(run.code_name() == "exited");
    BOOST_TEST(run.number_name() == "3");
    BOOST_TEST(run.end_text() == " ended: exited, status 3.");
    BOOST_TEST(run.exit.monotonic == end.monotonic);
}

BOOST_AUTO_TEST_CASE(a_killed_command_is_shown_with_the_name_of_its_signal) {
    const ExecStatus run = run_of(process::ExitStatus::killed(SIGTERM));
    BOOST_TEST(run.code() == CLD_KILLED);
    BOOST_TEST(run.number() == SIGTERM);
    BOOST_TEST(run.end_text() == " ended: killed, status TERM.");
}

BOOST_AUTO_TEST_CASE(a_command_that_dumped_core_is_shown_as_dumped) {
    const ExecStatus run = run_of(process::ExitStatus::killed(SIGSEGV), true);
    BOOST_TEST(run.code() == CLD_DUMPED);
    BOOST_TEST(run.code_name() == "dumped");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
