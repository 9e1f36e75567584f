#include <signal.h>
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>

#include "init/hands/perform/unit_processes.hpp"
#include "running.hpp"

namespace notifybridge::perform::test_signal_unit {
namespace {

using process::ExitStatus;
using test::Running;
using test::to_others;
using test::waits;
using test::without_groups;

}  // namespace

BOOST_AUTO_TEST_SUITE(signals_to_units)

BOOST_AUTO_TEST_CASE(main_and_the_other_processes_may_get_different_signals) {
    auto processes = without_groups();
    Running a(processes, "a.service",
              "trap 'echo term' TERM\n" + std::string(waits) + "wait\nwait\nwait");
    a.pid_line();
    unit_types::KillRequest request = to_others(SIGTERM, a.pid());
    request.others_signal = SIGKILL;
    BOOST_TEST(signal_unit(processes, "a.service", request));
    BOOST_TEST(a.line() == "term");
}

BOOST_AUTO_TEST_CASE(processes_other_than_main_are_signalled_only_on_request) {
    auto processes = without_groups();
    Running a(processes, "a.service", std::string(waits) + "wait");
    const pid_t below = a.pid_line();
    unit_types::KillRequest request = to_others(SIGKILL, a.pid());
    request.all_others = false;
    BOOST_TEST(signal_unit(processes, "a.service", request));
    BOOST_TEST(a.reap_one().pid == a.pid());
    BOOST_TEST(processes.unit_of(below) == "a.service");
}

BOOST_AUTO_TEST_CASE(a_process_stopped_by_sigstop_gets_its_signal) {
    auto processes = without_groups();
    Running a(processes, "a.service", "kill -STOP $$");
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(a.pid()), &info, WSTOPPED | WEXITED);
    signal_unit(processes, "a.service", to_others(SIGTERM, a.pid()));
    BOOST_TEST((a.reap_one().status == ExitStatus::killed(SIGTERM)));
}

BOOST_AUTO_TEST_CASE(a_process_that_keeps_forking_cannot_escape_a_kill) {
    auto processes = without_groups();
    Running a(processes, "a.service", "echo go\nwhile :; do setsid sh -c 'sleep 1000' & done");
    BOOST_TEST(a.line() == "go");
    // The main process is also killed, because it never stops forking.
    BOOST_TEST(signal_unit(processes, "a.service", to_others(SIGKILL, a.pid())));
    while (a.reap_one().pid > 0) {
    }
    BOOST_TEST(processes.processes("a.service").empty());
    BOOST_TEST(!signal_unit(processes, "a.service", to_others(SIGKILL, 0)));
}

BOOST_AUTO_TEST_CASE(an_ended_process_is_not_signalled) {
    auto processes = without_groups();
    pid_t ended;
    {
        Running a(processes, "a.service", "exit 0");
        ended = a.reap_one().pid;
    }
    BOOST_TEST(!signal_unit(processes, "a.service", to_others(SIGKILL, ended)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform::test_signal_unit
