#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/notify/message.hpp"
#include "base/process/exit_status.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wrap {

/// The states of the command for which the user can set a hook.
enum class HookState { ready, stopping, dead };

/// Decides what `wrap` says for its command, and what it does when the command becomes ready, stops
/// answering or ends. Its inputs are messages of the command and results of probes. Pure; times are
/// those of any clock that does not go back.
class SpeakingPlan {
public:
    using Time = std::chrono::microseconds;

    struct Options {
        bool has_conditions = false;  ///< If not set, we wait for the command's own READY=1.
        bool kills_dead = false;      ///< --on-dead=kill
        /// The only condition is the health check, which nobody asked for: a command that ends with
        /// success before it has not failed.
        bool is_by_default = false;
        std::optional<std::string> ready_status;               ///< --ready-status
        std::optional<std::chrono::microseconds> extension{};  ///< --ready-extend
        std::chrono::microseconds timeout{};                   ///< --ready-timeout
        std::chrono::microseconds health_start{};  ///< The time that the health check needs at the
                                                   ///< start.
    };

    struct Action {
        enum class Kind {
            log,
            say,         ///< Sends a datagram in our own name.
            open_gate,   ///< The command's READY=1 passes from now on.
            run_hook,    ///< Runs the hook, if there is one and it never ran.
            watch_life,  ///< Starts to use the liveness probe, if there is one.
            end_command,
        };

        Kind kind;
        std::vector<std::string> texts = {};  ///< One for `log`, the assignments for `say`.
        util::Severity severity = util::Severity::error;
        HookState hook = HookState::ready;
        int signal = 0;

        bool operator==(const Action&) const = default;
    };
    using Actions = std::vector<Action>;

    explicit SpeakingPlan(Options options)
        : options_(std::move(options)), own_ready_counts_(!options_.has_conditions) {}

    /// Requests the time that the command may take to become ready, because it was started.
    Actions started() const;

    /// Handles a message of the command that was passed on: without its READY=1 while the gate is
    /// closed.
    Actions heard(const notify::Message& message);

    /// Handles a READY=1 of the command that is about to pass the gate and was the last condition:
    /// it stands for all of them.
    Actions own_ready_is_last();
    /// Handles that another condition was the last. Everything that the command said before has
    /// been handled.
    Actions conditions_hold() { return became_ready(/*is_said=*/false); }
    /// Reports what is waited for, here in `text` and below in `waiting_for`. `has_room` says that
    /// a message goes out at once.
    Actions waiting(const std::string& text, bool has_room);
    /// Handles progress of a condition.
    Actions progressed(Time now);
    Actions timed_out(const std::string& waiting_for);

    Actions found_dead(const std::string& reason);
    Actions found_alive_again();

    /// Handles a change of the health check's state.
    Actions became_unhealthy(const std::string& output);
    Actions became_healthy();
    /// Handles that the command counts as dead, for a reason that was reported.
    Actions died() const;

    /// Handles the end of the command, which was told to end or not.
    Actions ended(process::ExitStatus end, bool was_told_to, const std::string& waiting_for);
    /// Returns the end that counts.
    process::ExitStatus end() const { return end_; }

private:
    Actions became_ready(bool is_said);
    Action usual_status() const;

    Options options_;
    std::optional<std::string> own_status_;  ///< The last STATUS of the command itself.
    bool own_ready_counts_;                  ///< The command's own READY=1 is the one that is sent.
    bool said_waiting_ = false;
    bool is_ready_ = false;
    bool is_unhealthy_ = false;
    bool has_timed_out_ = false;
    std::optional<Time> extended_;  ///< When more time was last requested.
    process::ExitStatus end_;
};

}  // namespace notifybridge::wrap
