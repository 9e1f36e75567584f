#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/notify/message.hpp"
#include "base/process/exit_status.hpp"
#include "base/util/log.hpp"

namespace notifybridge::probe {

/// What is run of the user's when the command comes to a state.
enum class HookState { ready, stopping, dead };

/// Decides what `wrap` says for its command, and what it does as that gets ready, stops answering
/// and ends: it is told what the command says and what probes find. Pure; times are those of any
/// clock that does not go back.
class SpeakingPlan {
public:
    using Time = std::chrono::microseconds;

    struct Options {
        bool has_conditions = false;  ///< Else the command says READY=1 itself, for which we wait.
        bool kills_dead = false;      ///< --on-dead=kill
        std::optional<std::string> ready_status;               ///< --ready-status
        std::optional<std::chrono::microseconds> extension{};  ///< --ready-extend
        std::chrono::microseconds timeout{};                   ///< --ready-timeout
    };

    struct Action {
        enum class Kind {
            log,
            say,         ///< In our own name, as one datagram.
            open_gate,   ///< The command's READY=1 passes from now on.
            run_hook,    ///< If there is one, and it never ran.
            watch_life,  ///< The liveness probe, if there is one, is asked from now on.
            end_command,
        };

        Kind kind;
        std::vector<std::string> texts = {};  ///< With `log` one, with `say` the assignments.
        util::Severity severity = util::Severity::error;
        HookState hook = HookState::ready;
        int signal = 0;

        bool operator==(const Action&) const = default;
    };
    using Actions = std::vector<Action>;

    explicit SpeakingPlan(Options options)
        : options_(std::move(options)), own_ready_counts_(!options_.has_conditions) {}

    /// The command was started. What it may take to be ready is asked for.
    Actions started() const;

    /// A message of the command's was passed on: without its READY=1 while the gate is closed.
    Actions heard(const notify::Message& message);

    /// A READY=1 of the command's, which is about to pass the gate, was the last condition: it says
    /// it for all of them.
    Actions own_ready_is_last();
    /// Another condition was the last. All that the command said before that has been heard.
    Actions conditions_hold() { return became_ready(/*is_said=*/false); }
    /// `text` is what is waited for, here and below. `has_room`: a message goes out at once.
    Actions waiting(const std::string& text, bool has_room);
    /// A condition got somewhere.
    Actions progressed(Time now);
    Actions timed_out(const std::string& waiting_for);

    Actions found_dead(const std::string& reason);
    Actions found_alive_again();

    /// The command has ended, and was told to or not.
    Actions ended(process::ExitStatus end, bool was_told_to, const std::string& waiting_for);
    /// What counts as its end.
    process::ExitStatus end() const { return end_; }

private:
    Actions became_ready(bool is_said);

    Options options_;
    std::optional<std::string> own_status_;  ///< The last STATUS of the command itself.
    bool own_ready_counts_;                  ///< The command's READY=1 is the one that is sent.
    bool said_waiting_ = false;
    bool is_ready_ = false;
    bool has_timed_out_ = false;
    std::optional<Time> extended_;  ///< When more time was last asked for.
    process::ExitStatus end_;
};

}  // namespace notifybridge::probe
