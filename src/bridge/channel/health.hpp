#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace notifybridge::channel {

/// The states of a health check, as docker and podman name them.
enum class HealthState : std::uint8_t { starting, healthy, unhealthy };

/// What the health check of a container has found so far.
struct Health {
    HealthState state = HealthState::starting;
    unsigned failing_streak = 0;  ///< The number of failures in a row that count.
    /// The exit status of the last check in a shell's form: 128+n after signal n. nullopt if there
    /// is none, because it timed out or could not be started.
    std::optional<int> exit_status;
    std::string output;  ///< The first line of the last check's output, or why there is none.

    bool operator==(const Health&) const = default;
};

}  // namespace notifybridge::channel
