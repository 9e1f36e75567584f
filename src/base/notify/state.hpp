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

/// The current state of a service, according to all its messages.
struct State {
    Phase phase = Phase::starting;
    system::Moment since;              ///< When the phase began.
    system::Moment last_watchdog;      ///< The last WATCHDOG=1, or zero.
    std::map<Key, std::string> facts;  ///< The last value of each of `fact_keys`.

    bool operator==(const State&) const = default;
};

/// Updates `state` by systemd's rules (service_notify_message). No other function applies messages
/// to a state.
void fold(State& state, const Message& message, system::Moment time);

/// Returns `state` as datagrams for a reader that starts late. Returns several datagrams if the
/// texts are long, and none if the state is still empty.
std::vector<std::string> to_datagrams(const State& state);

}  // namespace notifybridge::notify
