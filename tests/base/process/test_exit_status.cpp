#include "base/process/exit_status.hpp"

#include <signal.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <vector>

#include "base/process/print.hpp"

namespace notifybridge::process {
namespace {

struct Row {
    ExitStatus command;
    std::vector<int> received;
    bool is_pid1;
    ExitStatus ours;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        out << "a command that " << describe(row.command) << ", received:";
        for (const int signal : row.received)
            out << ' ' << signal_name(signal);
        return out << (row.is_pid1 ? ", PID 1" : "");
    }
};

constexpr auto exited = ExitStatus::exited;
constexpr auto killed = ExitStatus::killed;

const Row rows[] = {
    // No end was requested, so the result is the command's own status, as a shell reports it.
    {exited(0), {}, false, exited(0)},
    {exited(3), {}, false, exited(3)},
    {exited(143), {}, false, exited(143)},
    {killed(SIGTERM), {}, false, exited(143)},
    {killed(SIGKILL), {}, false, exited(137)},
    {killed(SIGSEGV), {}, false, exited(139)},
    // The command ended as requested.
    {killed(SIGTERM), {SIGTERM}, false, killed(SIGTERM)},
    {exited(143), {SIGTERM}, false, killed(SIGTERM)},
    {killed(SIGINT), {SIGTERM, SIGINT}, false, killed(SIGINT)},
    {killed(SIGQUIT), {SIGQUIT}, false, killed(SIGQUIT)},
    // These signals do not ask for the end.
    {exited(129), {SIGHUP}, false, exited(129)},
    {killed(SIGUSR1), {SIGUSR1, SIGTERM}, false, exited(128 + SIGUSR1)},
    // SIGTERM was received, but the status does not show that SIGTERM ended the command.
    {exited(0), {SIGTERM}, false, exited(0)},
    {exited(3), {SIGTERM}, false, exited(3)},
    {exited(15), {SIGTERM}, false, exited(15)},
    {killed(SIGKILL), {SIGTERM}, false, exited(137)},
    {exited(130), {SIGTERM}, false, exited(130)},
    {exited(255), {SIGTERM}, false, exited(255)},
    {exited(128), {SIGTERM}, false, exited(128)},
    // PID 1 cannot end by a signal.
    {killed(SIGTERM), {SIGTERM}, true, exited(143)},
    {exited(143), {SIGTERM}, true, exited(143)},
    // By default, these signals do not end a process.
    {exited(128 + SIGCONT), {SIGCONT}, false, exited(128 + SIGCONT)},
    {exited(128 + SIGWINCH), {SIGWINCH}, false, exited(128 + SIGWINCH)},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(exit_status)

BOOST_DATA_TEST_CASE(we_end_by_a_signal_only_if_we_received_the_same_signal, rows, row) {
    SignalSet received;
    for (const int signal : row.received)
        received.set(static_cast<std::size_t>(signal));
    BOOST_TEST(own_exit(row.command, received, row.is_pid1) == row.ours);
}

BOOST_AUTO_TEST_CASE(a_shell_reports_a_signal_as_128_plus_n) {
    BOOST_TEST(exited(7).shell_status() == 7);
    BOOST_TEST(killed(SIGTERM).shell_status() == 143);
    BOOST_TEST(exited(0).success());
    BOOST_TEST(!exited(1).success());
    BOOST_TEST(!killed(SIGTERM).success());
}

BOOST_AUTO_TEST_CASE(signals_are_printed_by_name) {
    BOOST_TEST(describe(exited(3)) == "exited with status 3");
    BOOST_TEST(describe(killed(SIGSEGV)) == "was killed by SIGSEGV");
    BOOST_TEST(signal_name(SIGTERM) == "SIGTERM");
    BOOST_TEST(signal_name(SIGRTMIN + 1) == "signal " + std::to_string(SIGRTMIN + 1));
}

BOOST_AUTO_TEST_CASE(some_signals_never_end_a_process) {
    for (const int signal : {SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGURG, SIGWINCH})
        BOOST_TEST(!is_terminating(signal), signal_name(signal));
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE, SIGRTMIN, SIGRTMAX})
        BOOST_TEST(is_terminating(signal), signal_name(signal));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
