#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/process/exit_status.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wait {

/// Decides what `wait` does about its command, the run in the directory, signals and time-outs: it
/// is told what happens, and says what is to be done. Pure: times are those of any clock that does
/// not go back.
class WaitPlan {
public:
    using Time = std::chrono::microseconds;

    struct Options {
        bool has_command = false;     ///< Else it attaches to a container started elsewhere.
        bool keeps_attached = false;  ///< --keep: after a run the next is awaited.
        bool stops_run = false;       ///< --stop: without a command, too, a stop is the run's.
        bool until_ready = false;     ///< --until=ready
        /// --member: the run is that of several containers, which the command ends in its order,
        /// and whose failure counts though the command has none.
        bool has_members = false;
        /// `run`: the command is a container manager's client, and knows of the app's end no more
        /// than its run does.
        bool command_is_client = false;
        /// The command's container manager can be asked to kill the container.
        bool can_kill_container = false;
        std::chrono::microseconds timeout{};
        std::chrono::microseconds stop_timeout{};
    };

    struct Action {
        enum class Kind {
            signal_command,
            signal_run,      ///< Through the shared directory.
            kill_container,  ///< By its manager.
            limit_patience,  ///< Nobody is left but us, and a manager that may never come.
            lift_patience,   ///< Somebody came after all.
            log,
            explain_late,  ///< Logs that no READY=1 came within `timeout`, and why.
            finish,
        };

        Kind kind;
        int signal = 0;
        process::ExitStatus status = {};  ///< With `finish`: how it all ended.
        util::Severity severity = util::Severity::error;
        std::string text = {};  ///< With `log`.

        bool operator==(const Action&) const = default;
    };
    using Actions = std::vector<Action>;

    /// What is known of a run as it begins.
    struct Run {
        bool is_command = false;   ///< Its `wrap` is the command itself.
        bool is_leftover = false;  ///< It is from before the command was started.
    };

    explicit WaitPlan(Options options) : options_(options) {}

    /// Whether the `wrap` of the run lives, however far its messages were read. Asked where a run
    /// was told to have begun, and not yet to have ended.
    std::function<bool()> writer_lives;

    /// Nothing stands in the way any more: the command, if there is one, is started.
    Actions begin(Time now);
    Actions signalled(int signal, Time now);
    Actions run_began(const Run& run, Time now);
    /// With the end of its command, or nothing where the run broke off.
    Actions run_ended(std::optional<process::ExitStatus> end, Time now);
    Actions command_ended(process::ExitStatus end, Time now);
    /// All was read that the container had written when the command had ended.
    Actions caught_up(Time now);
    /// After `kill_container`.
    Actions container_was_not_killed(Time now);
    Actions said_ready();
    Actions said_stopping();
    /// The app asked for this much time from now on.
    void extend(std::chrono::microseconds span, Time now);

    /// What is due by now; it is to be called at `next_time`, if there is one.
    Actions time_passed(Time now);
    std::optional<Time> next_time() const;

    bool has_begun() const { return has_begun_; }
    bool is_ready() const { return is_ready_; }
    /// Whether this signal, which was not heard yet, is the first that asks for the end, and comes
    /// before READY=1.
    bool breaks_off_start(int signal) const;
    /// How the command ended, where neither a signal nor the time-out asked for the end before.
    std::optional<process::ExitStatus> end_by_itself() const;

private:
    enum class Phase { none, live, ended };

    Actions take_actions() { return std::exchange(actions_, {}); }
    void act(Action::Kind kind, int signal = 0) { actions_.push_back({kind, signal}); }
    void log(util::Severity severity, std::string text);
    bool command_runs() const { return has_begun_ && options_.has_command && !command_end_; }
    bool run_lives() const { return run_ == Phase::live && writer_lives(); }
    bool nothing_is_left_to_end() const { return !command_runs() && !run_lives(); }
    bool was_told_to_end() const;
    bool leaves_alone(int signal) const;
    bool is_for_run(int signal) const;
    void pass_on(int signal, Time now);
    void ask_for_end(int signal, Time now);
    void signal_command(int signal);
    void signal_run(int signal);
    void limit_patience();
    void late(Time now);
    void stop_is_overdue(Time now);
    void step(Time now);
    void step_attached();
    void step_with_command(Time now);
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
    bool has_caught_up_ = false;  ///< What the command's end tells is known.
    bool is_detached_ = false;    ///< The command exited 0, and its run lived on.
    bool grace_is_over_ = false;

    Phase run_ = Phase::none;
    Run traits_;
    std::optional<process::ExitStatus> run_end_;

    process::SignalSet received_;
    int stop_signal_ = 0;  ///< What the whole was last asked to end by.
    bool run_was_asked_ = false;
    bool is_killing_ = false;
    bool manager_was_asked_ = false;  ///< To kill the container.
    bool command_was_killed_ = false;
    std::optional<Time> aborted_;  ///< When the last SIGABRT came, a watchdog's.
    bool client_was_aborted_ = false;

    std::optional<Time> ready_deadline_;
    std::optional<Time> stop_deadline_;
    std::optional<Time> quit_deadline_;  ///< A SIGQUIT that is survived until then was no request.
    std::optional<Time> grace_;          ///< For a run that the command left behind, to come up.
    std::optional<Time> run_nudge_;      ///< A run that came up during a stop is asked then.
    std::optional<Time> command_nudge_;  ///< A command that stays after its run is told then.
};

}  // namespace notifybridge::wait
