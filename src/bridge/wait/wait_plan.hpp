#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/process/exit_status.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wait {

/// Decides what `wait` does about its command, the run in the directory, signals and time-outs. Its
/// inputs are events, and it returns what to do. Pure: times are those of any clock that does not
/// go back.
class WaitPlan {
public:
    using Time = std::chrono::microseconds;

    struct Options {
        bool has_command = false;     ///< If not set, it attaches to a container started elsewhere.
        bool keeps_attached = false;  ///< --keep: waits for the next run after one has ended.
        bool stops_run = false;       ///< --stop: a stop also ends the run if there is no command.
        bool until_ready = false;     ///< --until=ready
        /// --member: the run stands for several containers. The command ends them in its own order,
        /// and their failure counts even if the command does not fail.
        bool has_members = false;
        /// `run`: the command is a container manager's client. The run knows at least as much about
        /// the app's end.
        bool command_is_client = false;
        /// The command is a virtual machine, which leaves nothing behind that goes on without it.
        bool command_is_machine = false;
        /// The command's container manager can be asked to kill the container.
        bool can_kill_container = false;
        std::chrono::microseconds timeout{};
        std::chrono::microseconds stop_timeout{};
    };

    struct Action {
        enum class Kind {
            signal_command,
            signal_run,      ///< Signals the app through the shared directory.
            kill_container,  ///< Kills the container by its manager.
            limit_patience,  ///< Only messages are left, for a service manager that may never come.
            lift_patience,   ///< A run came after all.
            log,
            explain_late,  ///< Logs that no READY=1 came within `timeout`, and why.
            finish,
        };

        Kind kind;
        int signal = 0;
        process::ExitStatus status = {};  ///< With `finish`: our exit status.
        util::Severity severity = util::Severity::error;
        std::string text = {};  ///< With `log`.

        bool operator==(const Action&) const = default;
    };
    using Actions = std::vector<Action>;

    /// The facts about a run as it begins.
    struct Run {
        bool is_command = false;   ///< Its `wrap` is the command itself.
        bool is_leftover = false;  ///< It began before the command was started.
    };

    /// The facts that an event is judged by.
    struct Now {
        Time time;
        /// The run's `wrap` lives, even if its messages were not all read. Ignored if no run has
        /// begun, or if it has ended.
        bool writer_lives = false;
    };

    explicit WaitPlan(Options options) : options_(options) {}

    /// Begins: the command, if there is one, is started now.
    Actions begin(Time now);
    Actions signalled(int signal, Now now);
    Actions run_began(const Run& run, Now now);
    /// `end` is the end of the run's command; nullopt if the run broke off.
    Actions run_ended(std::optional<process::ExitStatus> end, Now now);
    Actions command_ended(process::ExitStatus end, Now now);
    /// Everything that the container had written when the command ended was read.
    Actions caught_up(Now now);
    /// The container manager could not perform `kill_container`.
    Actions container_was_not_killed(Now now);
    Actions said_ready();
    Actions said_stopping();
    /// The app asked for this much time from now on.
    void extend(std::chrono::microseconds span, Time now);

    /// Returns what is due by now. Call it at `next_time`, if there is one.
    Actions time_passed(Now now);
    std::optional<Time> next_time() const;

    bool has_begun() const { return has_begun_; }
    bool is_ready() const { return is_ready_; }
    /// Returns whether this signal, which was not handled yet, is the first that asks for the end,
    /// and comes before READY=1.
    bool breaks_off_start(int signal) const;
    /// Returns how the command ended, if neither a signal nor the time-out had asked for its end.
    std::optional<process::ExitStatus> end_by_itself() const;

private:
    enum class Phase { none, live, ended };

    Actions take_actions() { return std::exchange(actions_, {}); }
    void act(Action::Kind kind, int signal = 0) { actions_.push_back({kind, signal}); }
    void log(util::Severity severity, std::string text);
    bool command_runs() const { return has_begun_ && options_.has_command && !command_end_; }
    bool run_lives(Now now) const { return run_ == Phase::live && now.writer_lives; }
    bool nothing_is_left_to_end(Now now) const { return !command_runs() && !run_lives(now); }
    bool was_told_to_end() const;
    bool leaves_alone(int signal, Now now) const;
    bool is_for_run(int signal, Now now) const;
    void pass_on(int signal, Now now);
    void ask_for_end(int signal, Now now);
    void signal_command(int signal);
    void signal_run(int signal);
    void limit_patience();
    void late(Now now);
    void stop_is_overdue(Now now);
    void step(Now now);
    void step_attached();
    void step_with_command(Now now);
    void finish(process::ExitStatus status);
    bool may_bring_run() const;
    bool run_knows_better() const;
    bool broke_off_unseen(process::ExitStatus status) const;

    Options options_;
    Actions actions_;
    bool has_begun_ = false;
    bool has_finished_ = false;
    bool is_ready_ = false;
    bool is_late_ = false;
    bool is_stopping_ = false;  ///< STOPPING=1 was sent.
    bool patience_is_limited_ = false;

    std::optional<process::ExitStatus> command_end_;
    bool has_caught_up_ = false;  ///< Everything written before the command's end was read.
    bool is_detached_ = false;    ///< The command exited 0, and its run lived on.
    bool grace_is_over_ = false;

    Phase run_ = Phase::none;
    Run traits_;
    std::optional<process::ExitStatus> run_end_;

    process::SignalSet received_;
    int stop_signal_ = 0;  ///< The signal that last asked for the end.
    bool run_was_asked_ = false;
    bool is_killing_ = false;
    bool manager_was_asked_ = false;  ///< The manager was asked to kill the container.
    bool command_was_killed_ = false;
    std::optional<Time> aborted_;  ///< When the last SIGABRT came, which a watchdog sends.
    bool client_was_aborted_ = false;

    std::optional<Time> ready_deadline_;
    std::optional<Time> stop_deadline_;
    std::optional<Time> quit_deadline_;  ///< After this, a survived SIGQUIT is not a stop.
    std::optional<Time> grace_;          ///< Until then, a run that the command left behind may
                                         ///< come up.
    std::optional<Time> run_nudge_;      ///< When to signal a run that came up during a stop.
    std::optional<Time> command_nudge_;  ///< When to signal a command that stays after its run.
};

}  // namespace notifybridge::wait
