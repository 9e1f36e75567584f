#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/process/exit_status.hpp"
#include "base/util/log.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::wait {

/// Decides what `wait` does about its command, the run in the directory, signals and timeouts.
/// Receives events and returns what to do. Has no side effects and reads no clock: the
/// caller passes the times of any monotonic clock.
class WaitPlan {
public:
    using Time = std::chrono::microseconds;

    struct Options {
        /// Whether `wait` has a command. If not, it attaches to a container that was started
        /// elsewhere.
        bool has_command = false;
        bool keeps_attached = false;  ///< Whether to wait for the next run after a run (--keep).
        /// Whether a stop also ends the run if `wait` has no command (--stop).
        bool stops_run = false;
        bool until_ready = false;  ///< Whether `wait` ends at READY=1 (--until=ready).
        /// Whether the run stands for several containers (--member). The command ends the
        /// containers in its own order. A failure of a container counts even if the command does
        /// not fail.
        bool has_members = false;
        /// Whether the command of `run` is a container manager's client. The app's exit status then
        /// comes from the run's record, because the client may not know it.
        bool command_is_client = false;
        /// The container manager whose client the command is. If another process of podman removes
        /// the ended container first, podman's client cannot ask for the app's exit status, and
        /// exits with 127.
        const runtime::Manager* manager = nullptr;
        /// Whether the command starts its container only once. If the container starts again,
        /// another program has started it, and the command is not attached to it any more.
        bool expects_one_run = false;
        /// Whether the command is a virtual machine, whose processes all end with the command.
        bool command_is_machine = false;
        /// Whether the command's container manager can kill the container for us.
        bool can_kill_container = false;
        /// Whether the container manager writes the container's id to a new file, so that it can
        /// remove the container before a run has begun.
        bool can_discard_container = false;
        bool removes_container = false;  ///< Whether the container is removed at its end (--rm).
        std::chrono::microseconds timeout{};
        std::chrono::microseconds stop_timeout{};
    };

    struct Action {
        enum class Kind {
            signal_command,
            signal_run,      ///< Signals the app through the shared directory.
            kill_container,  ///< Asks the container manager to kill the container.
            /// Asks the container manager to remove the container that its client has left behind.
            /// `manager_answered` always follows.
            discard_container,
            /// Waits until the container manager has removed the ended container, or asks it to do
            /// so. `manager_answered` always follows.
            remove_container,
            /// Limits the time for sending. Used if only messages are left to send, because the
            /// service manager may never read them.
            limit_patience,
            lift_patience,  ///< Removes the limit of `limit_patience`, because a run has begun.
            log,
            mute_run,      ///< Sends no messages of the run that has begun.
            explain_late,  ///< Logs that no READY=1 came within `timeout`, and why.
            finish,
        };

        Kind kind;
        int signal = 0;
        process::ExitStatus status = {};  ///< Our exit status, for `finish`.
        util::Severity severity = util::Severity::error;
        std::string text = {};  ///< The text, for `log`.

        bool operator==(const Action&) const = default;
    };
    using Actions = std::vector<Action>;

    /// Facts about a run that begins.
    struct Run {
        bool is_command = false;   ///< Whether the run's `wrap` is the command itself.
        bool is_leftover = false;  ///< Whether the run began before the command was started.
    };

    /// Facts that are needed to judge an event.
    struct Now {
        Time time;
        /// Whether the run's `wrap` is alive, even if some of its messages were not read yet.
        /// Ignored if no run has begun or the run has ended.
        bool writer_lives = false;
    };

    explicit WaitPlan(Options options) : options_(options) {}

    /// Call this just before the command is started. If there is no command, call this at the
    /// beginning.
    Actions begin(Time now);
    Actions signalled(int signal, Now now);
    Actions run_began(const Run& run, Now now);
    /// Call this when a run has ended. `end` is how the run's command ended; nullopt if the run
    /// broke off.
    Actions run_ended(std::optional<process::ExitStatus> end, Now now);
    /// `by_shared_signal`: whether a signal that this process has just received, too, has killed
    /// the command.
    Actions command_ended(process::ExitStatus end, Now now, bool by_shared_signal = false);
    /// Call this when everything was read that the container had written before the command ended.
    Actions caught_up(Now now);
    /// Call this when the container manager has performed `kill_container`, `discard_container` or
    /// `remove_container`, or could not do so.
    Actions manager_answered(bool has_succeeded, Now now);
    Actions said_ready();
    Actions said_stopping();
    /// Extends the deadlines of the start and the stop to at least `span` after `now`. Call this
    /// when the app requests more time.
    void extend(std::chrono::microseconds span, Time now);

    /// Returns what is due at `now`. Call this at `next_time`, if it returns a time.
    Actions time_passed(Now now);
    std::optional<Time> next_time() const;

    bool has_begun() const { return has_begun_; }
    bool is_ready() const { return is_ready_; }
    /// Returns whether a run was seen, even if it has ended.
    bool has_seen_run() const { return run_ != Phase::none; }
    /// Returns whether `signal` is the first signal that asks for the end, and arrives before
    /// READY=1. Call this before `signalled`.
    bool breaks_off_start(int signal) const;
    /// Returns how the command ended. Returns nullopt if a signal or a timeout had asked for its
    /// end.
    std::optional<process::ExitStatus> end_by_itself() const;

private:
    enum class Phase { none, live, ended };
    /// Why the command ended, if it was a container manager's client.
    enum class ClientEnd {
        by_itself,
        aborted,        ///< Of the SIGABRT of a watchdog, which the app has received, too.
        shared_signal,  ///< Of a signal for the app.
    };
    /// How a run goes on whose command has ended before it.
    enum class Outlives {
        none,      ///< There was no such run.
        stopped,   ///< A stop or a watchdog ends the run, too.
        detached,  ///< The command exited with 0, or its end was a `ClientEnd::shared_signal`.
        deserted,  ///< The command failed without a stop, so that we end the run.
    };
    /// How far an overdue stop has come. Each step follows if the one before has changed nothing.
    enum class Force { none, killed_run, asked_manager, killed_command };
    /// Whether the manager removes the container that its client has left behind.
    enum class Removal { none, asked, over };

    /// How long a container may take to start after the command has ended. The command may have
    /// left the start to a daemon.
    static constexpr std::chrono::seconds detached_run_grace{1};

    Actions take_actions() { return std::exchange(actions_, {}); }
    void act(Action::Kind kind, int signal = 0) { actions_.push_back({kind, signal}); }
    void log(util::Severity severity, std::string text);
    bool command_runs() const { return has_begun_ && options_.has_command && !command_end_; }
    bool run_lives(Now now) const { return run_ == Phase::live && now.writer_lives; }
    bool nothing_is_left_to_end(Now now) const { return !command_runs() && !run_lives(now); }
    bool was_told_to_end() const;
    bool ends_only_wait(int signal, Now now) const;
    bool is_for_run(int signal, Now now) const;
    void pass_on(int signal, Now now);
    void limit_stop(Now now);
    void ask_for_end(int signal, Now now);
    void signal_command(int signal);
    void signal_run(int signal);
    void limit_patience();
    void late(Now now);
    void stop_is_overdue(Now now);
    void end_removal(Now now);
    ClientEnd client_end(process::ExitStatus end, Time now, bool by_shared_signal) const;
    int signal_that_ended(std::optional<process::ExitStatus> end, Time now) const;
    void step(Now now);
    void step_attached();
    void step_with_command(Now now);
    void outlive(Now now);
    void desert_run(Now now);
    void refuse_run(Now now);
    bool was_deserted() const;
    void log_desertion();
    void finish(process::ExitStatus status);
    bool may_bring_run() const;
    bool has_own_run() const { return run_ != Phase::none && !traits_.is_leftover; }
    bool is_killing() const { return force_ != Force::none; }
    /// Returns whether the container manager has a monitor of its own for each container.
    bool has_monitor() const { return options_.manager && options_.manager->has_monitor; }
    std::optional<Action::Kind> removal() const;
    bool removal_is_unseen() const;
    bool run_end_counts() const;
    bool broke_off_unseen(process::ExitStatus status) const;
    bool is_deserted_unseen(process::ExitStatus status) const;

    Options options_;
    Actions actions_;
    bool has_begun_ = false;
    bool has_finished_ = false;
    bool is_ready_ = false;
    bool is_late_ = false;
    bool is_stopping_ = false;  ///< Whether STOPPING=1 was sent.
    bool patience_is_limited_ = false;

    std::optional<process::ExitStatus> command_end_;
    bool has_caught_up_ = false;  ///< Whether everything written before the command's end was read.
    ClientEnd client_end_ = ClientEnd::by_itself;
    Outlives outlives_ = Outlives::none;
    bool grace_is_over_ = false;
    bool own_run_has_ended_ = false;      ///< Whether a run that the command started has ended.
    bool was_started_by_others_ = false;  ///< Whether `refuse_run` was called.

    Phase run_ = Phase::none;
    Run traits_;
    std::optional<process::ExitStatus> run_end_;

    process::SignalSet received_;
    int last_signal_ = 0;
    Time last_signal_time_{};
    int stop_signal_ = 0;  ///< The last signal that asked for the end.
    bool run_was_asked_ = false;
    Force force_ = Force::none;
    bool was_stopped_before_run_ = false;  ///< Whether a stop reached the command before its run.
    Removal removal_ = Removal::none;
    std::optional<Time> aborted_;  ///< When the last SIGABRT arrived. A watchdog sends this signal.

    std::optional<Time> ready_deadline_;
    std::optional<Time> stop_deadline_;
    /// The time after which a SIGQUIT that the app has survived does not count as a stop.
    std::optional<Time> quit_deadline_;
    /// When to stop waiting for a container that the ended command has left to a daemon.
    std::optional<Time> grace_;
    std::optional<Time> run_nudge_;      ///< When to signal a run that started during a stop.
    std::optional<Time> command_nudge_;  ///< When to signal a command that continues after its run.
    int nudge_signal_ = 0;               ///< The signal for `command_nudge_`.
};

}  // namespace notifybridge::wait
