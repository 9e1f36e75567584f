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
#include "base/process/spawn.hpp"

namespace notifybridge::process {

/// Starts a command, passes signals on to it, sees it end and, as PID 1 or subreaper, reaps the
/// orphans that it leaves.
class Supervisor {
public:
    /// `adopt_orphans`: become a subreaper (PR_SET_CHILD_SUBREAPER) where we are not PID 1.
    Supervisor(event::Loop& loop, bool adopt_orphans);

    /// Called once with the end of the command.
    std::function<void(ExitStatus)> on_end;
    /// Called when the command has ended, before it is reaped: what it said last may still be read,
    /// and `hand_over` be called for a successor that it named.
    std::function<void()> on_ending;
    /// Called for a terminating signal that finds no command to pass it on to.
    std::function<void(int signal)> on_unclaimed_signal;
    /// Where it is set, it is called for a signal in place of passing it on. Not for signals that
    /// the terminal sends to the command too (SIGINT), or that tell of it (SIGWINCH).
    std::function<void(int signal)> on_signal;

    /// Called for each signal that asks for an orderly end, before it is passed on.
    std::function<void()> on_end_asked;
    /// Called when the terminal has another size (SIGWINCH).
    std::function<void()> on_window_change;

    /// Starts the command: in a process group of its own and in the foreground of the terminal
    /// where this process is PID 1 or a session leader. Throws as `spawn` does.
    void start(Command command);

    /// The command is this process, PID 1 of our namespace and not our child: its end is never
    /// told, and `stop_signal` is how it is asked for it. Signals from outside of the namespace are
    /// passed on to it, also where there is an `on_signal`.
    void follow(pid_t pid, int stop_signal);

    /// Makes `successor`, a process below the command, the command in its place: signals go to it,
    /// and its end is the command's. The former command is an orphan like others then. False if
    /// there is no such process below the command.
    ///
    /// How the successor ended is known only if we are its parent by then, as where the former
    /// command ended before it. Else it counts as a success if the end was asked for, and as a
    /// failure if not.
    bool hand_over(pid_t successor);

    /// Handles signals until the loop ends. Spawn it once, before or after `start`.
    event::Awaitable<> run();

    bool running() const { return child_ && !status_; }
    pid_t pid() const { return child_ ? child_->pid : -1; }

    /// Sets the signal by which the command is asked to end. The command then gets it in the place
    /// of SIGTERM; SIGINT and SIGQUIT go to the command's whole process group, as from a terminal,
    /// because a shell that waits for a program ignores a SIGINT that came to the shell alone. As
    /// PID 1 this process passes a SIGTERM that it received on as it is: a container manager that
    /// stops the container sends the container's stop signal itself.
    void set_stop_signal(int signal) { stop_signal_ = signal; }

    /// Sends `signal` to the command, if it still runs; the stop signal in the place of SIGTERM.
    void kill(int signal);

    /// Returns how the command counts as ended: if it ended by its own stop signal, or with 128 +
    /// its number, after SIGTERM had asked for the end, then by that SIGTERM.
    ExitStatus as_requested(ExitStatus end) const;

    /// Handles a signal that came by another way (a message), as one that was received. A
    /// terminating one that comes by both ways at about the same time was meant once: a service
    /// manager sends it to all processes of a unit (systemd.kill(5), KillMode=control-group), of
    /// which two may pass it on to us.
    void take(int signal);

    /// What becomes of the other processes in a helper's process group once it has ended.
    enum class Rest { ends, goes_on };

    /// Starts a helper: a child beside the command, in a process group of its own. `tell` is called
    /// once, with how it ended, and may start the next one. Throws as `spawn` does.
    pid_t start_helper(Command command, Rest rest, std::function<void(ExitStatus)> tell);

    /// The same for what may hang in the kernel: `look` is run in a copy of our memory, and what it
    /// returns is the exit status. It has none of our descriptors, so that no lock, socket or pipe
    /// of ours outlives us in one that cannot be killed, and it ends with us where it can.
    pid_t start_looker(const std::function<int()>& look, std::function<void(ExitStatus)> tell);

    /// Starts a helper that waits until `start` is readable and then becomes the program that
    /// `make` returns: for a program that may be needed when this process may not start one any
    /// more. It ends without that if `make` returns no arguments, if nobody can write to `start`,
    /// and with us. The program reads nothing, and has our standard error only. `title` tells
    /// people what the helper is for. Throws std::system_error.
    pid_t start_standby(const std::string& title, system::Fd start,
                        const std::function<Command()>& make, std::function<void(ExitStatus)> tell);

    /// Ends a helper's process group, if the helper is still there. Its end is told as any other.
    void kill_helper(pid_t pid);

    /// The terminating signals that this process received.
    const SignalSet& received() const { return received_; }

    /// Whether this process received what asks for an orderly end: for good, or, by SIGQUIT, until
    /// the command is known to have taken that for something else.
    bool was_told_to_end() const;
    bool was_told_to_quit(std::chrono::steady_clock::time_point now) const;

    /// Ends the processes that the command left behind: SIGTERM, and SIGKILL after `grace`. Those
    /// that handle the stop signal, and got it with the command's group, get no SIGTERM. Returns
    /// when all are reaped, but for helpers that SIGKILL did not end. Only where orphans are ours.
    event::Awaitable<> end_leftovers(std::chrono::microseconds grace);

    /// Makes `end_leftovers` wait until `hurry_leftovers`, whatever its grace is: whoever asked for
    /// the end says when the time for it is over.
    void spare_leftovers() { spares_leftovers_ = true; }

    /// Ends `end_leftovers`' grace: SIGKILL follows SIGTERM at once.
    void hurry_leftovers();

    static bool is_pid1();

private:
    void note(int signal, bool from_terminal);
    void handle(const signalfd_siginfo& info);
    void pass_on(const signalfd_siginfo& info);
    enum class Way { received, told };
    bool came_by_both_ways(int signal, Way way);
    void deliver(int signal, Way way);
    int in_words_of_command(int signal) const;
    void send(int signal);
    void signal_group(int signal);
    void reap();
    void reap_command();
    void end(ExitStatus status);
    bool is_gone() const;
    event::Awaitable<> watch_successor(pid_t successor);
    bool end_was_expected() const;
    void reap_helpers();
    bool are_helpers_ending() const;
    bool are_any_left() const;
    bool command_left_some() const;
    void signal_leftovers(int signal) const;
    std::vector<pid_t> leftovers() const;
    void ask_leftovers_to_end() const;
    void continue_stopped_leftovers() const;
    void warn_of_kill(std::string_view why) const;

    event::Loop& loop_;
    event::Signals signals_;
    event::Wakeup reaped_;
    event::Deadline patience_;
    bool patience_over_ = false;
    bool spares_leftovers_ = false;
    bool adopts_orphans_;
    bool own_group_ = false;
    system::Fd terminal_;
    struct Helper {
        Child child;
        Rest rest;
        std::function<void(ExitStatus)> tell;
        std::optional<std::chrono::microseconds> killed = {};  ///< When, if it was.
    };
    pid_t add_helper(Helper helper);

    std::optional<Child> child_;
    /// Readable once the process has ended, whoever its parent is.
    std::map<pid_t, event::Descriptor> successors_;
    std::map<pid_t, Helper> helpers_;
    std::set<pid_t> helper_groups_;  ///< Of helpers that have ended, while processes are in them.
    std::optional<ExitStatus> status_;
    bool is_successor_ = false;       ///< By `hand_over`: its parent may be another process.
    std::optional<int> stop_signal_;  ///< If it is not the usual SIGTERM.
    std::set<pid_t> asked_;           ///< Who got the stop signal with the command's process group.
    bool follows_pid1_ = false;       ///< By `follow`.
    bool was_ended_ = false;          ///< By `kill`.
    bool received_stop_signal_ = false;
    SignalSet received_;
    std::optional<std::chrono::steady_clock::time_point> quit_;  ///< The last SIGQUIT came.
    struct Delivery {
        int signal = 0;
        Way way = Way::received;
        std::chrono::steady_clock::time_point when;
    };
    Delivery last_;  ///< The terminating signal that was delivered last.
};

}  // namespace notifybridge::process
