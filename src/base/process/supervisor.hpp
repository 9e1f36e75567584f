#pragma once

#include <chrono>

#include "base/event/signals.hpp"
#include "base/process/command_process.hpp"
#include "base/process/helpers.hpp"
#include "base/process/orphans.hpp"
#include "base/process/signal_plan.hpp"
#include "base/process/supervisor_event.hpp"

namespace notifybridge::process {

/// The supervisor of a command. It starts the command, passes signals on, and notices the command's
/// end. As PID 1 or as a subreaper, it also reaps orphans.
class Supervisor {
public:
    /// Becomes a subreaper (PR_SET_CHILD_SUBREAPER) if `adopt_orphans` is true and this process is
    /// not PID 1.
    Supervisor(event::Loop& loop, bool adopt_orphans);

    /// Gets all events. They are emitted while the supervisor runs, so the owner may act at once.
    OnSupervisorEvent on_event = [](const SupervisorEvent&) {};

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
    bool hand_over(pid_t successor) { return command_.hand_over(successor); }

    /// Handles signals until the loop ends. Must be spawned once, before or after `start`.
    event::Awaitable<> run();

    bool running() const { return command_.running(); }
    pid_t pid() const { return command_.pid(); }

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

    /// Returns the other children, which may be started before and after the command.
    Helpers& helpers() { return helpers_; }

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
    void spare_orphans() { orphans_.spare(); }

    /// Ends the grace period of `end_orphans`: sends SIGKILL at once.
    void hurry_orphans() { orphans_.hurry(); }

private:
    void handle(const signalfd_siginfo& info);
    void take(const SignalPlan::Arrival& arrival);
    void pass_on(int signal);
    void send(int signal);
    void reap();

    event::Signals signals_;
    SignalPlan plan_;
    CommandProcess command_;
    Helpers helpers_;
    Orphans orphans_;
};

}  // namespace notifybridge::process
