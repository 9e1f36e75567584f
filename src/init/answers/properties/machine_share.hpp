#pragma once

#include <cstdint>

/// Converts shares of the machine's resources to numbers, like systemd. `hundredths` are hundredths
/// of a percent. If the root of the control groups has a limit, as in a container, the share is a
/// part of that limit.
namespace notifybridge::properties {

/// Returns a number of bytes (MemoryMax=10%).
std::uint64_t share_of_memory(std::uint64_t hundredths);
/// Returns a number of tasks (TasksMax=10%).
std::uint64_t share_of_tasks(std::uint64_t hundredths);

}  // namespace notifybridge::properties
