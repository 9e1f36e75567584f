#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/fact.hpp"
#include "base/notify/message.hpp"
#include "base/system/clock.hpp"

namespace notifybridge::notify {

/// The phase of a service, according to its messages.
enum class Phase { starting, ready, reloading, stopping };

std::string_view name(Phase phase) noexcept;
std::optional<Phase> phase_named(std::string_view name) noexcept;

/// Everything that a service said, reduced to what still applies.
struct State {
    Phase phase = Phase::starting;
    system::Moment since;              ///< When the phase began.
    system::Moment last_watchdog;      ///< The last WATCHDOG=1, or zero.
    std::map<Key, std::string> facts;  ///< The last value of each of `fact_keys`.

    bool operator==(const State&) const = default;
};

/// Updates `state` by systemd's rules (service_notify_message). Only this function knows what a
/// message means.
void fold(State& state, const Message& message, system::Moment time);

/// Returns `state` as datagrams for a reader that comes late. Returns several if the texts are
/// long, and none if nothing was said yet.
std::vector<std::string> to_datagrams(const State& state);

}  // namespace notifybridge::notify
