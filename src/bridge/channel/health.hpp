#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/util/key_value.hpp"

namespace notifybridge::channel {

/// The states of a health check, as docker and podman name them.
enum class HealthState : std::uint8_t { starting, healthy, unhealthy };

std::string_view name(HealthState state);

/// The current result of a container's health check.
struct Health {
    HealthState state = HealthState::starting;
    unsigned failing_streak = 0;  ///< The number of counted failures in a row.
    /// The exit status of the last check as a shell reports it: 128+n after signal n. It is nullopt
    /// if the check timed out or could not be started.
    std::optional<int> exit_status;
    std::string output;  ///< The first line of the last check's output, or why there is none.

    bool operator==(const Health&) const = default;
};

/// The beginning of the STATUS that `wrap` sends while the probe of --alive-when fails.
constexpr std::string_view not_alive = "not alive: ";

/// The words in that STATUS, or in the one before READY=1, that follow "connection refused". The
/// addresses at which the probe could connect follow: "127.0.0.1:6379 and 127.0.0.1:8080".
constexpr std::string_view but_listens = ", but something listens on ";

/// The words in such a STATUS that follow the addresses at which an app listens in vain.
constexpr std::string_view never_reached = ", which published ports never reach";

/// Returns the time between the last WATCHDOG=1 and the watchdog's SIGABRT as a part of a message:
/// "the last WATCHDOG=1 was sent 3.0 s before". Returns an empty text if `last_usec` is 0. The
/// times are of the monotonic clock.
std::string say_last_ping(std::uint64_t last_usec, std::uint64_t now_usec);

/// Writes `health` as KEY=VALUE lines for container-status.
void write_health(const Health& health, util::KeyValueWriter& out);

/// Reads a line that `write_health` has written. Returns false for other lines.
bool read_health_line(std::optional<Health>& health, std::string_view key,
                      const std::string& value);

}  // namespace notifybridge::channel
