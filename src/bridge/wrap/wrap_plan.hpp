#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/process/signal_plan.hpp"
#include "base/util/log.hpp"
#include "bridge/wrap/event.hpp"

namespace notifybridge::wrap {

/// Decides what `wrap` does after an event, and how its command's end counts. Pure. SpeakingPlan
/// decides about messages for a command that does not notify.
class WrapPlan {
public:
    using Time = process::SignalPlan::Time;

    struct Options {
        std::chrono::microseconds kill_after{};
        std::chrono::microseconds stop_timeout{};  ///< The value of --stop-timeout, for --proxy.
        std::chrono::microseconds idle_timeout{};
        bool limits_orphans = false;  ///< See Settings.
        /// Whether probes decide about readiness.
        bool has_conditions = false;
        /// Whether processes of other users may send messages (--socket-mode).
        bool others_may_send = false;
    };

    struct Action {
        enum class Kind {
            log,
            say,                ///< Sends a datagram of `wrap`.
            await_descriptors,  ///< Emits DescriptorsCame when they have arrived.
            start_command,      ///< Emits CommandEnded if the command cannot be started.
            accept_messages,    ///< Continues to read messages.
            take_messages,      ///< Takes the messages that have arrived.
            release_stopping,   ///< Passes on STOPPING=1 of other processes.
            end_messages,       ///< Does both for the last time, and emits MessagesEnded.
            update_watchdog,
            follow_size,
            hand_over,           ///< Makes `pid` the command, if it is a descendant.
            serve,               ///< Begins to accept connections.
            count_connections,   ///< Writes the counts of connections into the status.
            settle_connections,  ///< Accepts no more connections, and may hold the stop back.
            close_connections,   ///< Accepts no more connections, because the command has ended.
            hurry_connections,
            tell_probes,  ///< Tells that `signal` is passed on to the command.
            end_probes,   ///< Tells that the command has ended with `status`. Emits ProbesEnded.
            take_signal,  ///< Handles `signal` like a signal that this process received.
            kill,
            spare_orphans,
            hurry_orphans,
            hurry_output,  ///< Waits at most --kill-after for readers of the output.
            finish,        ///< Ends the run with `status`.
        };

        Kind kind;
        std::vector<std::string> texts = {};  ///< One text for `log`, or the assignments for `say`.
        util::Severity severity = util::Severity::info;
        int signal = 0;
        pid_t pid = 0;
        process::ExitStatus status = {};

        bool operator==(const Action&) const = default;
    };
    using Actions = std::vector<Action>;

    /// `signals` are those of the command.
    WrapPlan(const process::SignalPlan& signals, const Options& options)
        : signals_(signals), options_(options) {}

    /// Call this once. `awaits_descriptors` means that the host has descriptors for the command.
    Actions begin(bool awaits_descriptors);
    /// Returns what to do after `event`.
    Actions take(const Event& event, Time now);
    /// Returns when TimePassed is due. Returns nullopt if no time is set.
    std::optional<Time> next_time() const { return kill_; }

    /// Both functions return whether the command was asked to end. `was_told_to_quit` also counts
    /// SIGQUIT, which the command may not have understood as such a request. Other terminating
    /// signals, such as SIGHUP, do not count, because they usually have another meaning.
    bool was_told_to_end() const { return asked_to_end_ || signals_.was_told_to_end(); }
    bool was_told_to_quit(Time now) const {
        return asked_to_end_ || signals_.was_told_to_quit(now);
    }
    /// Returns whether the command runs and is expected to continue.
    bool command_goes_on(Time now) const {
        return phase_ == Phase::running && !was_told_to_quit(now);
    }

    /// Returns the exit status for this process, after the run was finished.
    process::ExitStatus result(bool is_pid1) const {
        return process::own_exit(end_, signals_.received(), is_pid1);
    }

private:
    /// `ended`: the command has ended, or a signal has ended the run, before the command's start or
    /// while the command is PID 1.
    enum class Phase { held_back, running, ended };

    void on(const process::CommandEnding& event, Time now);
    void on(const process::CommandEnded& event, Time now);
    void on(const process::SignalCame& event, Time now);
    void on(const process::SignalUnclaimed& event, Time now);
    void on(const process::EndAsked& event, Time now);
    void on(const process::StopComes& event, Time now);
    void on(const process::SignalPassed& event, Time now);
    void on(const process::WindowChanged& event, Time now);
    void on(const RoomCame& event, Time now);
    void on(const HostSignalled& event, Time now);
    void on(const HostChanged& event, Time now);
    void on(const DescriptorsCame& event, Time now);
    void on(const MainPidNamed& event, Time now);
    void on(const MessagesDue& event, Time now);
    void on(const CommandReady& event, Time now);
    void on(const EndWanted& event, Time now);
    void on(const StopDelayed& event, Time now);
    void on(const IdleTimedOut& event, Time now);
    void on(const ConnectionsChanged& event, Time now);
    void on(const MessagesEnded& event, Time now);
    void on(const ProbesEnded& event, Time now);
    void on(const TimePassed& event, Time now);
    void act(Action::Kind kind);
    void act(Action::Kind kind, int signal);
    void log(util::Severity severity, std::string text);
    void start_command();
    void kill_command(Time now);
    void limit_command(std::chrono::microseconds patience, Time now);
    void warn_of_passed_signal(process::ExitStatus end, Time now);

    const process::SignalPlan& signals_;
    Options options_;
    Phase phase_ = Phase::held_back;
    /// Whether the host ended the command with SIGKILL, or --idle-timeout ended it.
    bool asked_to_end_ = false;
    bool is_idle_ = false;      ///< Whether --idle-timeout ended the command: a success.
    std::optional<Time> kill_;  ///< When the command gets SIGKILL.
    process::ExitStatus end_;
    Actions actions_;
};

}  // namespace notifybridge::wrap
