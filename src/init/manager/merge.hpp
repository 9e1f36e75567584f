#pragma once

#include <optional>

#include "init/manager/state.hpp"

/// What two jobs of one unit come to (systemd 252, its table of mergeable types).
namespace notifybridge::manager {

/// The one job that does what both do; nothing where they contradict each other. Both are types
/// that `collapse` returns.
std::optional<JobType> merge(JobType one, JobType other) noexcept;

/// What is left to do of a job in a unit's state: a try-restart is a restart or nothing.
JobType collapse(JobType type, ActiveState state) noexcept;

std::optional<JobType> merge_and_collapse(JobType one, JobType other, ActiveState state) noexcept;

/// Whether what the job would do has been done.
bool is_redundant(JobType type, ActiveState state) noexcept;

inline bool contradict(JobType one, JobType other) noexcept {
    return !merge(one, other);
}

}  // namespace notifybridge::manager
