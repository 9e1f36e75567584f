#include "init/rules/unit_types/clean_exit.hpp"

#include <signal.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace notifybridge::unit_types {
namespace {

ExecStatus exited(int code) {
    ExecStatus run;
    run.ended(process::ExitStatus::exited(code), false, {});
    return run;
}

ExecStatus killed(int signal, bool dumped_core = false) {
    ExecStatus run;
    run.ended(process::ExitStatus::killed(signal), dumped_core, {});
    return run;
}

const unit::ExitStatusSet nothing;

unit::ExitStatusSet successes() {
    unit::ExitStatusSet set;
    set.statuses.set(75);
    set.statuses.set(255);
    set.signals.set(SIGKILL);
    set.signals.set(SIGABRT);
    return set;
}

bool is_clean_for_any(const ExecStatus& run, const unit::ExitStatusSet& success) {
    return is_clean_exit(run, ProcessKind::daemon, success)
           || is_clean_exit(run, ProcessKind::command, success);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(clean_exit)

BOOST_AUTO_TEST_CASE(only_exit_status_0_is_clean_for_daemons_and_commands) {
    for (int code = 0; code < 256; ++code)
        for (const ProcessKind kind : {ProcessKind::daemon, ProcessKind::command})
            BOOST_TEST(is_clean_exit(exited(code), kind, nothing) == (code == 0), code);
}

BOOST_AUTO_TEST_CASE(four_signals_are_a_clean_end_only_for_a_daemon) {
    for (int signal = 1; signal <= 64; ++signal) {
        const bool is_one_of_four =
            signal == SIGHUP || signal == SIGINT || signal == SIGTERM || signal == SIGPIPE;
        BOOST_TEST(is_clean_exit(killed(signal), ProcessKind::daemon, nothing) == is_one_of_four,
                   signal);
        BOOST_TEST(!is_clean_exit(killed(signal), ProcessKind::command, nothing), signal);
    }
}

BOOST_AUTO_TEST_CASE(success_exit_status_adds_statuses_and_signals) {
    for (int code = 1; code < 256; ++code)
        BOOST_TEST(is_clean_for_any(exited(code), successes()) == (code == 75 || code == 255),
                   code);
    for (const int signal : {SIGKILL, SIGABRT})
        BOOST_TEST(is_clean_exit(killed(signal), ProcessKind::command, successes()), signal);
    BOOST_TEST(!is_clean_for_any(killed(SIGSEGV), successes()));
    // Signal 9 is neither status 9 nor status 137.
    BOOST_TEST(!is_clean_for_any(exited(SIGKILL), successes()));
    BOOST_TEST(!is_clean_for_any(exited(128 + SIGKILL), successes()));
}

BOOST_AUTO_TEST_CASE(an_end_with_a_core_dump_is_never_clean) {
    for (int signal = 1; signal <= 64; ++signal)
        BOOST_TEST(!is_clean_for_any(killed(signal, true), successes()), signal);
}

BOOST_AUTO_TEST_CASE(a_running_command_matches_no_exit_status_set) {
    unit::ExitStatusSet set;
    set.statuses.set();
    set.signals.set();
    BOOST_TEST(!contains(set, ExecStatus{}));
    BOOST_TEST(contains(set, exited(0)));
    BOOST_TEST(contains(set, killed(SIGSEGV, true)));
    BOOST_TEST(!contains(nothing, exited(0)));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_process_has_the_codes_of_systemd) {
    BOOST_TEST(ExecStatus{}.code() == 0);
    BOOST_TEST(exited(3).code() == CLD_EXITED);
    BOOST_TEST(exited(3).number() == 3);
    BOOST_TEST(exited(3).code_name() == "exited");
    BOOST_TEST(exited(3).number_name() == "3");
    BOOST_TEST(killed(SIGTERM).code() == CLD_KILLED);
    BOOST_TEST(killed(SIGTERM).number() == SIGTERM);
    BOOST_TEST(killed(SIGTERM).code_name() == "killed");
    BOOST_TEST(killed(SIGTERM).number_name() == "TERM");
    BOOST_TEST(killed(SIGABRT, true).code() == CLD_DUMPED);
    BOOST_TEST(killed(SIGABRT, true).code_name() == "dumped");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
