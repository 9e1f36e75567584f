#include "base/process/supervisor.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/process/children.hpp"
#include "base/process/descendants.hpp"
#include "base/process/print.hpp"
#include "base/process/proc.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::process {
namespace {

using namespace std::chrono_literals;

/// A running supervisor that reaps orphans. `end` is the exit status of its command.
struct Supervised {
    test::TemporaryDirectory directory;
    event::Loop loop;
    Supervisor supervisor{loop, true};
    std::optional<ExitStatus> end;
    std::vector<int> reported;     ///< The signals that were reported instead of passed on.
    std::optional<int> unclaimed;  ///< The last signal that arrived while no command ran.

    Supervised() {
        supervisor.on_event = [this](const SupervisorEvent& event) {
            if (const auto* const ended = std::get_if<CommandEnded>(&event)) {
                BOOST_TEST(!end.has_value());
                end = ended->end;
            } else if (const auto* const came = std::get_if<SignalCame>(&event)) {
                reported.push_back(came->signal);
            } else if (const auto* const late = std::get_if<SignalUnclaimed>(&event)) {
                unclaimed = late->signal;
            }
        };
        loop.spawn([this] { return supervisor.run(); });
    }

    void start(const std::string& script) { supervisor.start(shell(script)); }

    event::Awaitable<> until_end() {
        return test::until(loop, [this] { return end.has_value(); });
    }

    ExitStatus end_of(const std::string& script) {
        start(script);
        test::run(loop, [this] { return until_end(); });
        BOOST_TEST(!supervisor.running());
        return *end;
    }

    /// Waits until the command has written the file `name`.
    event::Awaitable<> until_file(const std::string& name) {
        return test::until(loop, [this, name] { return !directory.read(name).empty(); });
    }

    void check_that_no_child_is_left() const {
        BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
        BOOST_TEST(errno == ECHILD);
        BOOST_TEST(descendants(::getpid()).empty());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(supervision, Supervised)

BOOST_AUTO_TEST_CASE(the_exit_status_of_the_command_is_reported) {
    BOOST_TEST(end_of("exit 3") == ExitStatus::exited(3));
}

BOOST_AUTO_TEST_CASE(the_signal_that_killed_the_command_is_reported) {
    BOOST_TEST(end_of("kill -SEGV $$") == ExitStatus::killed(SIGSEGV));
}

BOOST_AUTO_TEST_CASE(a_command_that_cannot_start_is_not_running) {
    Command command;
    command.arguments = {"/no/such/command"};
    BOOST_CHECK_THROW(supervisor.start(command), std::system_error);
    BOOST_TEST(!supervisor.running());
}

BOOST_AUTO_TEST_CASE(the_command_does_not_inherit_our_signal_mask) {
    BOOST_TEST(end_of("kill -TERM $$; exit 5") == ExitStatus::killed(SIGTERM));
}

BOOST_AUTO_TEST_CASE(the_command_can_be_signalled) {
    start("echo > " + directory.path("up") + "; while :; do sleep 1; done");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_file("up");
        BOOST_TEST(supervisor.running());
        supervisor.kill(SIGKILL);
        co_await until_end();
    });
    BOOST_TEST(*end == ExitStatus::killed(SIGKILL));
    supervisor.kill(SIGKILL);
}

BOOST_AUTO_TEST_CASE(a_signal_is_passed_on_to_the_command) {
    BOOST_TEST(end_of("trap 'exit 7' USR1; kill -USR1 $PPID; while :; do sleep 0.01; done")
               == ExitStatus::exited(7));
    BOOST_TEST(supervisor.signals().received().test(SIGUSR1));
    BOOST_TEST(!supervisor.signals().received().test(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_harmless_signal_is_passed_on_but_not_recorded) {
    BOOST_TEST(end_of("trap 'exit 8' WINCH; kill -WINCH $PPID; while :; do sleep 0.01; done")
               == ExitStatus::exited(8));
    BOOST_TEST(supervisor.signals().received().none());
}

BOOST_AUTO_TEST_CASE(sigquit_counts_as_a_stop_for_a_limited_time) {
    supervisor.take(SIGHUP);
    const auto before = event::Deadline::now();
    BOOST_TEST(!supervisor.signals().was_told_to_quit(before));
    supervisor.take(SIGQUIT);
    BOOST_TEST(!supervisor.signals().was_told_to_end());
    BOOST_TEST(supervisor.signals().was_told_to_quit(before + quit_patience - 1s));
    BOOST_TEST(!supervisor.signals().was_told_to_quit(before + quit_patience + 1h));
    supervisor.take(SIGTERM);
    BOOST_TEST(supervisor.signals().was_told_to_end());
    BOOST_TEST(supervisor.signals().was_told_to_quit(before + 1h));
}

BOOST_AUTO_TEST_CASE(a_signal_after_the_end_of_the_command_is_reported) {
    start("us=$PPID; (while kill -0 $$ 2>/dev/null; do sleep 0.01; done; kill -TERM $us) & exit 0");
    test::run(loop, [&] { return test::until(loop, [&] { return unclaimed.has_value(); }); });
    BOOST_TEST(*unclaimed == SIGTERM);
    BOOST_TEST(supervisor.signals().received().test(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_signal_that_arrives_with_the_commands_end_is_reported) {
    start("kill -TERM $PPID");
    // Wait for the end of the command, so that SIGTERM and SIGCHLD are pending together.
    siginfo_t info{};
    BOOST_REQUIRE(::waitid(P_PID, static_cast<id_t>(supervisor.pid()), &info, WEXITED | WNOWAIT)
                  == 0);
    test::run(loop, [&] { return test::until(loop, [&] { return unclaimed.has_value(); }); });
    BOOST_TEST(*unclaimed == SIGTERM);
    BOOST_TEST(*end == ExitStatus::exited(0));
}

BOOST_AUTO_TEST_CASE(a_signal_from_a_message_counts_as_received) {
    start("trap 'echo > " + directory.path("got") + "' USR1; echo > " + directory.path("up")
          + "; while :; do sleep 0.01; done");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_file("up");
        supervisor.take(SIGUSR1);
        co_await until_file("got");
        supervisor.take(SIGKILL);
        co_await until_end();
    });
    BOOST_TEST(supervisor.signals().received().test(SIGUSR1));
    BOOST_TEST(!supervisor.signals().received().test(SIGKILL));
    supervisor.take(SIGTERM);
    BOOST_TEST(unclaimed.value() == SIGTERM);
}

BOOST_AUTO_TEST_CASE(a_signal_received_in_two_ways_counts_once) {
    const std::string got = "'echo >> " + directory.path("got") + "'";
    start("trap " + got + " TERM USR1; kill -TERM $PPID; while :; do sleep 0.01; done");
    const auto until_got = [&](std::size_t times) {
        return test::until(loop, [this, times] { return directory.read("got").size() == times; });
    };
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await until_file("got");
        supervisor.take(SIGTERM);
        // The supervisor has dropped the second SIGTERM. It passes a different signal on.
        supervisor.take(SIGUSR1);
        co_await until_got(2);
        // Signals that arrive twice in the same way are passed on twice, because a user may send
        // them on purpose.
        supervisor.take(SIGTERM);
        co_await until_got(3);
        supervisor.take(SIGTERM);
        co_await until_got(4);
        supervisor.take(SIGKILL);
        co_await until_end();
    });
}

/// Returns a script that waits for a program. On SIGINT, the program writes the file `got` and
/// ends.
std::string waiting_shell(const std::string& got) {
    return "sh -c 'trap \"echo > " + got + "; exit 130\" INT; echo > " + got
           + ".up; while :; do sleep 0.01; done'; exit 4";
}

BOOST_AUTO_TEST_CASE(the_configured_stop_signal_replaces_sigterm) {
    supervisor.set_stop_signal(SIGUSR2);
    start("trap 'exit 140' USR2; trap '' TERM; echo > " + directory.path("up")
          + "; while :; do sleep 0.01; done");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_file("up");
        supervisor.take(SIGTERM);
        co_await until_end();
    });
    BOOST_TEST(*end == ExitStatus::exited(128 + SIGUSR2));
    BOOST_TEST(supervisor.signals().as_requested(*end) == ExitStatus::killed(SIGTERM));
    BOOST_TEST(supervisor.signals().as_requested(ExitStatus::killed(SIGUSR2))
               == ExitStatus::killed(SIGTERM));
    BOOST_TEST(supervisor.signals().as_requested(ExitStatus::exited(3)) == ExitStatus::exited(3));
    BOOST_TEST(supervisor.signals().as_requested(ExitStatus::killed(SIGSEGV))
               == ExitStatus::killed(SIGSEGV));
}

BOOST_AUTO_TEST_CASE(a_command_that_kills_itself_did_not_end_as_requested) {
    supervisor.set_stop_signal(SIGUSR2);
    BOOST_TEST(end_of("kill -USR2 $$") == ExitStatus::killed(SIGUSR2));
    BOOST_TEST(supervisor.signals().as_requested(*end) == ExitStatus::killed(SIGUSR2));
}

BOOST_AUTO_TEST_CASE(a_received_stop_signal_requests_the_end_of_the_command) {
    supervisor.set_stop_signal(SIGWINCH);
    BOOST_TEST(end_of("trap 'exit 6' WINCH; kill -WINCH $PPID; while :; do sleep 0.01; done")
               == ExitStatus::exited(6));
    BOOST_TEST(supervisor.signals().was_told_to_end());
}

BOOST_AUTO_TEST_CASE(sigint_as_stop_signal_reaches_the_program_below_a_shell) {
    supervisor.set_stop_signal(SIGINT);
    // This process is in our process group, but is not a descendant of the command.
    const pid_t other = ::fork();
    if (other == 0) {
        ::pause();
        ::_exit(0);
    }
    start(waiting_shell(directory.path("got")));
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_file("got.up");
        supervisor.take(SIGTERM);
        co_await until_end();
    });
    BOOST_TEST(!directory.read("got").empty());
    // dash also got SIGINT, and this signal may end dash.
    BOOST_TEST((*end == ExitStatus::killed(SIGINT) || *end == ExitStatus::exited(4)));
    BOOST_TEST(::waitpid(other, nullptr, WNOHANG) == 0);
    ::kill(other, SIGKILL);
    ::waitpid(other, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(an_ordinary_sigint_reaches_only_the_command) {
    start("trap 'exit 7' INT; " + waiting_shell(directory.path("got")));
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_file("got.up");
        supervisor.take(SIGINT);
        supervisor.take(SIGKILL);
        co_await until_end();
        BOOST_TEST(directory.read("got").empty());
        co_await supervisor.end_orphans(0s);
    });
}

BOOST_AUTO_TEST_CASE(signals_are_reported_instead_of_passed_on) {
    supervisor.report_signals(true);
    start("trap 'exit 3' USR1; kill -USR1 $PPID; kill -CONT $PPID; while :; do sleep 0.01; done");
    test::run(loop, [&] { return test::until(loop, [&] { return reported.size() == 2; }); });
    BOOST_TEST((reported == std::vector<int>{SIGUSR1, SIGCONT}));
    BOOST_TEST(supervisor.signals().received().test(SIGUSR1));
    supervisor.report_signals(false);
    supervisor.kill(SIGKILL);
    test::run(loop, [this] { return until_end(); });
    BOOST_TEST(*end == ExitStatus::killed(SIGKILL));
}

BOOST_AUTO_TEST_CASE(the_end_of_the_successor_is_the_end_of_the_command) {
    start("sh -c 'trap \"exit 5\" TERM; echo $$ > " + directory.path("successor")
          + "; while :; do sleep 0.01; done' & while ! test -s " + directory.path("go")
          + "; do sleep 0.01; done; exit 3");
    const pid_t first = supervisor.pid();
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await until_file("successor");
        const pid_t successor = std::stoi(directory.read("successor"));
        BOOST_TEST_REQUIRE(supervisor.hand_over(successor));
        BOOST_TEST(supervisor.pid() == successor);
        directory.write("go", "go");
        co_await test::until(loop, [first] { return ::kill(first, 0) < 0; });
        BOOST_TEST(!end.has_value());
        supervisor.take(SIGTERM);
        co_await until_end();
    });
    BOOST_TEST(*end == ExitStatus::exited(5));
}

BOOST_AUTO_TEST_CASE(a_successor_can_replace_a_command_that_has_just_ended) {
    // The child is already an orphan when the supervisor notices the end of the command.
    start("sleep 1000 & echo $! > " + directory.path("successor"));
    std::optional<pid_t> successor;
    supervisor.on_event = [&, usual = supervisor.on_event](const SupervisorEvent& event) {
        usual(event);
        if (!std::holds_alternative<CommandEnding>(event) || successor)
            return;
        successor = std::stoi(directory.read("successor"));
        BOOST_TEST(supervisor.hand_over(*successor));
    };
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await test::until(loop, [&] { return successor.has_value(); });
        BOOST_TEST(supervisor.running());
        supervisor.kill(SIGKILL);
        co_await until_end();
    });
    BOOST_TEST(*end == ExitStatus::killed(SIGKILL));
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(a_successor_can_replace_a_command_at_any_moment_of_its_end) {
    for (std::chrono::microseconds delay{}; delay < 200us; delay += 2us) {
        Supervised supervised;
        supervised.start("sleep 1000 & echo $! > " + supervised.directory.path("successor")
                         + "; wait");
        test::run(supervised.loop, [&]() -> event::Awaitable<> {
            co_await supervised.until_file("successor");
            const pid_t successor = std::stoi(supervised.directory.read("successor"));
            ::kill(supervised.supervisor.pid(), SIGKILL);
            const auto moment = event::Deadline::now() + delay;
            while (event::Deadline::now() < moment) {
            }
            BOOST_TEST(supervised.supervisor.hand_over(successor), delay.count() << " us");
            supervised.supervisor.kill(SIGKILL);
            co_await supervised.until_end();
            co_await supervised.supervisor.end_orphans(0s);
        });
    }
}

/// Returns the status that the supervisor reports for a successor that the command reaps. So the
/// supervisor cannot read the successor's own status. If `is_asked` is set, SIGTERM requests the
/// successor's end. Otherwise, SIGUSR1 ends the successor.
ExitStatus end_of_alien(Supervised& supervised, bool is_asked) {
    const test::TemporaryDirectory& directory = supervised.directory;
    supervised.start(
        "sh -c 'trap \"exit 5\" TERM USR1; echo $$ > " + directory.path("successor")
        + "; while :; do sleep 0.01; done' & wait; wait; while :; do sleep 0.01; done");
    test::run(supervised.loop, [&]() -> event::Awaitable<> {
        co_await supervised.until_file("successor");
        BOOST_TEST_REQUIRE(supervised.supervisor.hand_over(std::stoi(directory.read("successor"))));
        supervised.supervisor.take(is_asked ? SIGTERM : SIGUSR1);
        co_await supervised.until_end();
        co_await supervised.supervisor.end_orphans(1h);
    });
    return *supervised.end;
}

BOOST_AUTO_TEST_CASE(a_successor_with_unknown_exit_status_counts_as_failed) {
    BOOST_TEST(end_of_alien(*this, false) == ExitStatus::exited(1));
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(a_successor_that_ends_on_request_counts_as_successful) {
    BOOST_TEST(end_of_alien(*this, true) == ExitStatus::exited(0));
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(only_a_descendant_can_be_the_successor) {
    start("sh -c 'echo $$ > " + directory.path("child") + "; exec sleep 1000' & wait");
    const pid_t command = supervisor.pid();
    const pid_t helper = supervisor.helpers().start(shell("exec sleep 1000"),
                                                    Helpers::GroupMembers::killed, [](auto) {});
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await until_file("child");
        for (const pid_t other : {command, helper, ::getpid(), ::getppid(), pid_t(1), pid_t(-1)})
            BOOST_TEST(!supervisor.hand_over(other));
        const pid_t child = std::stoi(directory.read("child"));
        ::kill(child, SIGKILL);
        co_await test::until(loop, [child] { return is_ending(child); });
        BOOST_TEST(!supervisor.hand_over(child));
        BOOST_TEST(supervisor.pid() == command);
        supervisor.kill(SIGKILL);
        co_await until_end();
        co_await supervisor.end_orphans(1h);
    });
}

BOOST_AUTO_TEST_CASE(orphans_are_reaped_while_the_command_runs) {
    start("(sh -c 'echo $$ > " + directory.path("orphan") + "' &); while :; do sleep 0.01; done");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_file("orphan");
        const pid_t orphan = std::stoi(directory.read("orphan"));
        // Wait until the orphan is reaped. Before that, kill(2) succeeds for the zombie.
        co_await test::until(loop, [orphan] { return ::kill(orphan, 0) < 0; });
        supervisor.kill(SIGKILL);
        co_await until_end();
    });
}

BOOST_AUTO_TEST_CASE(the_ends_of_helpers_are_reported) {
    start("while :; do sleep 0.01; done");
    std::vector<ExitStatus> helpers;
    for (int status = 0; status < 20; ++status)
        supervisor.helpers().start(shell("exit " + std::to_string(status)),
                                   Helpers::GroupMembers::killed,
                                   [&](ExitStatus helper) { helpers.push_back(helper); });
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await test::until(loop, [&] { return helpers.size() == 20; });
        BOOST_TEST(supervisor.running());
        supervisor.kill(SIGKILL);
        co_await until_end();
    });
    int sum = 0;
    for (const ExitStatus helper : helpers)
        sum += helper.code;
    BOOST_TEST(sum == 190);
}

BOOST_AUTO_TEST_CASE(the_process_group_of_a_helper_ends_with_the_helper) {
    start("while :; do sleep 0.01; done");
    std::optional<ExitStatus> helper;
    supervisor.helpers().start(
        shell("sleep 1000 & echo $! > " + directory.path("stays") + "; exit 3"),
        Helpers::GroupMembers::killed, [&](ExitStatus status) { helper = status; });
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await test::until(loop, [&] { return helper.has_value(); });
        const pid_t stays = std::stoi(directory.read("stays"));
        co_await test::until(loop, [stays] { return ::kill(stays, 0) < 0; });
        supervisor.kill(SIGKILL);
        co_await until_end();
    });
    BOOST_TEST(*helper == ExitStatus::exited(3));
}

BOOST_AUTO_TEST_CASE(the_process_group_of_a_helper_may_outlive_the_helper) {
    std::optional<ExitStatus> helper;
    supervisor.helpers().start(shell("sleep 1000 & echo $! > " + directory.path("stays")),
                               Helpers::GroupMembers::kept,
                               [&](ExitStatus status) { helper = status; });
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await test::until(loop, [&] { return helper.has_value(); });
        BOOST_TEST(::kill(std::stoi(directory.read("stays")), 0) == 0);
        start("exit 0");
        co_await until_end();
        co_await supervisor.end_orphans(1h);
    });
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(killing_a_helper_ends_it_and_its_descendants) {
    std::optional<ExitStatus> helper;
    const pid_t pid = supervisor.helpers().start(
        shell("trap '' TERM; sleep 1000 & echo $! > " + directory.path("stays") + "; wait"),
        Helpers::GroupMembers::killed, [&](ExitStatus status) { helper = status; });
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await until_file("stays");
        supervisor.helpers().kill(pid);
        co_await test::until(loop, [&] { return helper.has_value(); });
        const pid_t stays = std::stoi(directory.read("stays"));
        co_await test::until(loop, [stays] { return ::kill(stays, 0) < 0; });
        supervisor.helpers().kill(pid);  // The helper has already ended.
    });
    BOOST_TEST(*helper == ExitStatus::killed(SIGKILL));
}

BOOST_AUTO_TEST_CASE(the_callback_of_a_helper_may_start_another_helper) {
    int ends = 0;
    std::function<void(ExitStatus)> again = [&](ExitStatus) {
        if (++ends < 3)
            supervisor.helpers().start(shell("exit 0"), Helpers::GroupMembers::killed, again);
    };
    supervisor.helpers().start(shell("exit 0"), Helpers::GroupMembers::killed, again);
    test::run(loop, [&] { return test::until(loop, [&] { return ends == 3; }); });
}

BOOST_AUTO_TEST_CASE(a_helper_that_may_hang_has_no_descriptors) {
    std::optional<ExitStatus> found;
    supervisor.helpers().start_isolated_check(
        [] { return ::fcntl(STDERR_FILENO, F_GETFD) < 0 ? 7 : 8; },
        [&](ExitStatus status) { found = status; });
    test::run(loop, [&] { return test::until(loop, [&] { return found.has_value(); }); });
    BOOST_TEST(*found == ExitStatus::exited(7));
}

BOOST_AUTO_TEST_CASE(a_helper_that_hangs_is_killed_with_the_orphans) {
    std::optional<ExitStatus> found;
    supervisor.helpers().start_isolated_check([] { return ::pause(); },
                                              [&](ExitStatus status) { found = status; });
    start("exit 0");
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await until_end();
        co_await supervisor.end_orphans(1h);
    });
    BOOST_TEST(*found == ExitStatus::killed(SIGKILL));
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(helpers_are_killed_without_a_grace_period) {
    std::optional<ExitStatus> helper;
    supervisor.helpers().start(shell("trap '' TERM; while :; do sleep 1; done"),
                               Helpers::GroupMembers::killed,
                               [&](ExitStatus status) { helper = status; });
    start("exit 0");
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await until_end();
        co_await supervisor.end_orphans(1h);
    });
    BOOST_TEST(helper.has_value());
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(end_orphans_returns_if_there_are_no_orphans) {
    start("exit 0");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_end();
        co_await supervisor.end_orphans(1h);
    });
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(orphans_end_on_sigterm) {
    start("sleep 1000 & (sleep 1000 &); exit 0");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_end();
        co_await supervisor.end_orphans(1h);
    });
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(orphans_stopped_by_sigstop_also_end) {
    start("sh -c 'echo > " + directory.path("up") + "; kill -STOP $$' & " + "while ! test -s "
          + directory.path("up") + "; do sleep 0.01; done; exit 0");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_end();
        co_await supervisor.end_orphans(1h);
    });
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_CASE(orphans_that_ignore_sigterm_are_killed) {
    start("sh -c 'trap \"\" TERM; echo > " + directory.path("deaf")
          + "; while :; do sleep 0.01; done' & " + "while ! test -s " + directory.path("deaf")
          + "; do sleep 0.01; done; exit 0");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await until_end();
        co_await supervisor.end_orphans(20ms);
    });
    check_that_no_child_is_left();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
