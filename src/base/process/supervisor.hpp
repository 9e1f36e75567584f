#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/event/signals.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/exit_status.hpp"
#include "base/process/signal_plan.hpp"
#include "base/process/spawn.hpp"
#include "base/process/supervisor_event.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::process {

/// The supervisor of a command. It starts the command, passes signals on, and notices the command's
/// end. As PID 1 or as a subreaper, it also reaps orphans.
class Supervisor {
public:
    /// Becomes a subreaper (PR_SET_CHILD_SUBREAPER) if `adopt_orphans` is true and this process is
    /// not PID 1.
    Supervisor(event::Loop& loop, bool adopt_orphans);

    /// Gets all events. They are emitted while the supervisor runs, so the owner may act at once.
    OnSupervisorEvent on_event;

    /// Starts the command. If this process is PID 1 or a session leader, the command gets its own
    /// process group and the foreground of the terminal. Throws the exceptions of `spawn`.
    void start(Command command);

    /// Treats process `pid` as the command. That process is PID 1 of our namespace, and not our
    /// child. Its end is never reported. See SignalPlan::follow_init.
    void follow(pid_t pid, int stop_signal);

    /// Makes `successor`, a descendant of the command, the new command: signals are sent to
    /// `successor`, and its end counts as the command's end. From then on, the former command
    /// counts as an orphan. Returns false if no command runs, if `follow` was called, or if
    /// `successor` is not a living descendant of the command.
    ///
    /// The exit status of the successor is known only if it is our child when it ends, for example
    /// because the former command ended first. Otherwise the end counts as success if it was
    /// requested, and as failure if not.
    bool hand_over(pid_t successor);

    /// Handles signals until the loop ends. Must be spawned once, before or after `start`.
    event::Awaitable<> run();

    bool running() const { return child_ && !status_; }
    pid_t pid() const { return child_ ? child_->pid : -1; }

    /// Sets the signal that the command gets instead of SIGTERM. If this signal is SIGINT or
    /// SIGQUIT, the command's whole process group gets the signal, as from a terminal. A shell that
    /// waits for a program ignores a SIGINT that only the shell gets. As PID 1, this process passes
    /// on a received SIGTERM unchanged, because a container manager sends the stop signal itself.
    void set_stop_signal(int signal) { plan_.set_stop_signal(signal); }

    /// Sets whether this process's signals are emitted as SignalCame instead of passed on.
    void report_signals(bool are_reported) { plan_.report_signals(are_reported); }

    /// Keeps a stop signal, SIGTERM or SIGINT until `release_stop` passes it on. Further signals of
    /// these kinds are dropped until then.
    void hold_stop() { plan_.hold_stop(); }

    /// Sends `signal` to the command if it still runs. Replaces SIGTERM with the stop signal.
    void kill(int signal);

    /// Ends the effect of `hold_stop`, and passes on the signal that was kept, if there is one.
    void release_stop();

    /// Returns the signals that have arrived, and what follows from them.
    const SignalPlan& signals() const { return plan_; }

    /// Handles `signal`, which arrived in a message, like a signal that this process received. If
    /// the same terminating signal arrives in both ways within a short time, it counts once. A
    /// service manager may cause both, because it signals all processes of a unit (systemd.kill(5),
    /// KillMode=control-group). One process may then send us the message, and another the signal.
    void take(int signal);

    /// Whether the other processes in a helper's group are killed after the helper has ended.
    enum class GroupMembers { killed, kept };

    /// Starts a helper: another child in a separate process group. Calls `report` once with the
    /// helper's exit status. `report` may start the next helper. Throws the exceptions of `spawn`.
    pid_t start_helper(Command command, GroupMembers members,
                       std::function<void(ExitStatus)> report);

    /// Starts a helper for work that may hang in the kernel. `check` runs in a copy of our memory,
    /// and its result is the exit status. A process that hangs may survive SIGKILL, so the helper
    /// has none of our descriptors: it keeps no lock, socket or pipe open. If possible, the kernel
    /// ends the helper when we end.
    pid_t start_isolated_check(util::FunctionRef<int()> check,
                               std::function<void(ExitStatus)> report);

    /// Starts a helper that waits for a byte from `start`, and then runs the program that `make`
    /// returns for this byte. Use this if it may be impossible to start programs later. The helper
    /// exits if `make` returns no arguments, if nobody can write to `start`, and when we end. The
    /// program gets no input, and inherits only standard error. `title` is the command line that
    /// ps(1) shows for the helper. Throws std::system_error on failure.
    pid_t start_standby(const std::string& title, system::Fd start,
                        util::FunctionRef<Command(char)> make,
                        std::function<void(ExitStatus)> report);

    /// Kills a helper's process group if the helper still runs. `report` is still called.
    void kill_helper(pid_t pid);

    /// Kills all helpers. Then ends the processes that the command left behind: sends SIGTERM, and
    /// SIGKILL after `grace`. Sends no SIGTERM to processes that handle the stop signal and
    /// received it with the command's group. Unless we are PID 1, leaves processes that systemd has
    /// put into another unit. Returns when all are reaped, except for helpers that survive SIGKILL.
    /// Returns about two seconds after SIGKILL at the latest. If this process does not adopt
    /// orphans, kills only the helpers. If /proc does not show the orphans, sends them no signal,
    /// and waits at most half a second for their end.
    event::Awaitable<> end_orphans(std::chrono::microseconds grace);

    /// Makes `end_orphans` wait for `hurry_orphans` instead of for `grace`. Call this if the sender
    /// of the stop signal limits the time.
    void spare_orphans() { spares_orphans_ = true; }

    /// Ends the grace period of `end_orphans`: sends SIGKILL at once.
    void hurry_orphans();

    static bool is_pid1();

private:
    void emit(const SupervisorEvent& event) const;
    void handle(const signalfd_siginfo& info);
    void take(const SignalPlan::Arrival& arrival);
    void pass_on(int signal);
    void send(int signal);
    void signal_command(int signal) const;
    void signal_group(int signal);
    void reap();
    void reap_command();
    void end(ExitStatus status);
    bool may_succeed(pid_t successor) const;
    bool is_gone() const;
    event::Awaitable<> watch_successor(pid_t successor);
    bool end_was_expected() const;
    void reap_helpers();
    bool are_helpers_ending() const;
    bool are_any_left();
    event::Awaitable<> await_end_of_orphans();
    bool command_left_some() const;
    void signal_orphans(int signal) const;
    std::vector<pid_t> orphans() const;
    event::Awaitable<> leave_unseen_orphans();
    void ask_orphans_to_end() const;
    void continue_stopped_orphans() const;
    void warn_of_kill(std::string_view why) const;

    event::Loop& loop_;
    event::Signals signals_;
    event::Wakeup reaped_;
    event::Deadline patience_;
    bool patience_over_ = false;
    bool spares_orphans_ = false;
    /// Whether some processes below us belong to another unit of systemd, and go on after our end.
    bool leaves_other_units_ = false;
    bool adopts_orphans_;
    bool own_group_ = false;
    system::Fd terminal_;
    struct Helper {
        Child child;
        GroupMembers members;
        std::function<void(ExitStatus)> report;
        /// When `kill_helper` killed the helper; nullopt if it did not.
        std::optional<std::chrono::microseconds> killed = {};
    };
    pid_t add_helper(Helper helper);

    std::optional<Child> child_;
    /// The pidfds of successors. A pidfd becomes readable when its process has ended, even if
    /// another process is the parent.
    std::map<pid_t, event::Descriptor> successors_;
    std::map<pid_t, Helper> helpers_;
    std::set<pid_t> helper_groups_;  ///< The non-empty process groups of ended helpers.
    std::optional<ExitStatus> status_;
    /// Whether `hand_over` chose the command, which may then be the child of another process.
    bool is_successor_ = false;
    std::set<pid_t> asked_;  ///< The processes that received the stop signal with the command's
                             ///< process group.
    SignalPlan plan_;
};

}  // namespace notifybridge::process
