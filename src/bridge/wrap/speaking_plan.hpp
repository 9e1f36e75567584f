#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/notify/message.hpp"
#include "base/process/exit_status.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wrap {

/// The states of the command for which the user can set a hook.
enum class HookState { ready, stopping, dead };

/// Decides which messages `wrap` sends for its command. Also decides what `wrap` does when the
/// command becomes ready, stops answering or ends. Receives messages of the command and results of
/// probes. Pure. Times are those of any clock that does not go back.
class SpeakingPlan {
public:
    using Time = std::chrono::microseconds;

    struct Options {
        /// Whether there are conditions of readiness. If not, we wait for the command to send
        /// READY=1.
        bool has_conditions = false;
        /// Whether we report reloads of a command that does not do so itself.
        bool reports_reloads = false;
        bool kills_dead = false;  ///< Whether --on-dead=kill is set.
        /// Whether the health check is the only condition, although no option asked for it. If so,
        /// a command that exits with 0 before it is healthy has not failed.
        bool is_by_default = false;
        /// What decides about readiness, for messages: an option or the health check.
        std::string_view condition = "--ready-when";
        std::optional<std::string> ready_status;               ///< The value of --ready-status.
        std::optional<std::chrono::microseconds> extension{};  ///< The value of --ready-extend.
        std::chrono::microseconds timeout{};                   ///< The value of --ready-timeout.
        /// The time that the health check needs after the start.
        std::chrono::microseconds health_start{};
    };

    struct Action {
        enum class Kind {
            log,
            say,           ///< Sends a datagram of `wrap`.
            open_gate,     ///< Lets the command's READY=1 pass from now on.
            run_hook,      ///< Runs the hook, if there is one and it has not run yet.
            watch_life,    ///< Starts to use the liveness probe, if there is one.
            watch_reload,  ///< Starts to check the conditions of readiness again.
            end_command,
        };

        Kind kind;
        std::vector<std::string> texts = {};  ///< One text for `log`, or the assignments for `say`.
        util::Severity severity = util::Severity::error;
        HookState hook = HookState::ready;
        int signal = 0;

        bool operator==(const Action&) const = default;
    };
    using Actions = std::vector<Action>;

    explicit SpeakingPlan(Options options)
        : options_(std::move(options)), own_ready_counts_(!options_.has_conditions) {}

    /// Requests the time that the command may take to become ready. Call this after the command was
    /// started.
    Actions started() const;

    /// Handles a message of the command that was passed on. If the gate is closed, READY=1 was not
    /// passed on, but `message` still contains READY=1.
    Actions heard(const notify::Message& message);

    /// Handles the command's own READY=1 if it is the last missing condition and is about to pass
    /// the gate. No READY=1 of `wrap` is needed.
    Actions own_ready_is_last();
    /// Records that the last missing condition is met, if this condition is not the command's
    /// READY=1. Call this after all earlier messages of the command were handled.
    Actions conditions_hold() { return became_ready(/*is_said=*/false); }
    /// Reports `text`, which names the conditions that are not met yet. Other functions receive the
    /// same text as `waiting_for`. `has_room` means that a message would be sent at once.
    Actions waiting(const std::string& text, bool has_room);
    /// Handles progress of a condition, such as a step of the app's start.
    Actions progressed(Time now);
    Actions timed_out(const std::string& waiting_for);

    /// Handles a SIGHUP that the command gets. For most servers, this is the request to reload.
    /// `monotonic_usec` is the time of the signal (sd_notify(3), RELOADING=1).
    Actions reload_asked(std::uint64_t monotonic_usec);
    /// Records that the conditions are met again after `watch_reload`.
    Actions reload_is_over();
    /// Returns whether we have reported a reload that goes on.
    bool is_reloading() const { return is_reloading_; }

    Actions found_dead(const std::string& reason);
    Actions found_alive_again();

    /// Handles a change of the health check's state.
    Actions became_unhealthy(const std::string& output);
    Actions became_healthy();
    /// Returns what to do when the command counts as dead. The reason was already reported.
    Actions died() const;

    /// Handles the end of the command. `was_told_to` means that the command was asked to end.
    Actions ended(process::ExitStatus end, bool was_told_to, const std::string& waiting_for);
    /// Returns the exit status that counts.
    process::ExitStatus end() const { return end_; }

private:
    Actions became_ready(bool is_said);
    Action current_status() const;

    Options options_;
    /// The last STATUS of the command itself, or --ready-status if that was sent later.
    std::optional<std::string> own_status_;
    std::optional<std::string> dead_;       ///< The reason if the command counts as dead.
    std::optional<std::string> unhealthy_;  ///< The status "unhealthy: …", if a check failed.
    /// Whether the command's own READY=1 is sent, so that `wrap` sends none.
    bool own_ready_counts_;
    bool said_waiting_ = false;
    /// Whether the command reports its readiness or its reloads itself.
    bool command_reports_ = false;
    bool is_reloading_ = false;
    bool is_ready_ = false;
    bool has_timed_out_ = false;
    std::optional<Time> extended_;  ///< When more time was last requested.
    process::ExitStatus end_;
};

}  // namespace notifybridge::wrap
