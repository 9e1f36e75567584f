#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "bridge/probe/ports.hpp"

namespace notifybridge::probe {

/// Decides whether a command is ready because it listens on the ports that its container publishes,
/// if no option says what readiness is. The command may still be one that notifies, and some of the
/// ports may be for other uses. Pure. Times are those of any clock that does not go back.
class ListenPlan {
public:
    using Time = std::chrono::microseconds;

    /// A command that listens has this long to send READY=1 itself.
    static constexpr std::chrono::seconds time_to_notify{1};
    /// After this time with some of the ports, the others are not awaited any more.
    static constexpr std::chrono::seconds time_for_rest{5};

    /// Records that the command has sent a message. From then on, only its READY=1 counts.
    void app_spoke() { has_spoken_ = true; }
    bool has_spoken() const { return has_spoken_; }

    /// Handles a look at the sockets. The command listens on `wanted` except for `missing`. Returns
    /// whether the command is ready.
    bool look(Time now, const Ports& wanted, const Ports& missing) {
        note(some_since_, missing.size() < wanted.size(), now);
        note(all_since_, missing.empty(), now);
        if (has_spoken_ || is_ready_)
            return is_ready_;
        is_ready_ = all_since_ ? now - *all_since_ >= time_to_notify
                               : some_since_ && now - *some_since_ >= time_for_rest;
        if (is_ready_)
            given_up_ = missing;
        return is_ready_;
    }

    /// Returns whether the command has become ready by its ports.
    bool is_ready() const { return is_ready_; }
    /// Returns the ports on which the command did not listen when it became ready.
    const Ports& given_up() const { return given_up_; }

private:
    /// Sets `since` to the time from which on `holds` was true.
    static void note(std::optional<Time>& since, bool holds, Time now) {
        since = holds ? since.value_or(now) : std::optional<Time>();
    }

    std::optional<Time> some_since_;
    std::optional<Time> all_since_;
    Ports given_up_;
    bool has_spoken_ = false;
    bool is_ready_ = false;
};

}  // namespace notifybridge::probe
