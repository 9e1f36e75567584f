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

/// Where a service is, by what it said.
enum class Phase { starting, ready, reloading, stopping };

std::string_view name(Phase phase) noexcept;
std::optional<Phase> phase_named(std::string_view name) noexcept;

/// All that a service said, folded into what still holds.
struct State {
    Phase phase = Phase::starting;
    system::Moment since;              ///< When the phase began.
    system::Moment last_watchdog;      ///< The last WATCHDOG=1; zero where there was none.
    std::map<Key, std::string> facts;  ///< The last value of each of `fact_keys`.

    bool operator==(const State&) const = default;
};

/// The one place that says what a message means: systemd's rules (service_notify_message).
void fold(State& state, const Message& message, system::Moment time);

/// The state for a reader that comes late, as datagrams: one, or more where the texts need them;
/// none where nothing was said yet.
std::vector<std::string> to_datagrams(const State& state);

}  // namespace notifybridge::notify
