#pragma once

#include <optional>

#include "init/rules/manager/state.hpp"

/// Merges two jobs of one unit by the table of systemd 252.
namespace notifybridge::manager {

/// Returns the type of a job that does the work of both jobs. Returns nullopt if the two types
/// contradict each other. Both types must come from `collapse`.
std::optional<JobType> merge(JobType one, JobType other) noexcept;

/// Returns the type that a job gets if its unit is in this state. For example, a try-restart
/// becomes a restart if the unit is up or starting, and otherwise a nop.
JobType collapse(JobType type, ActiveState state) noexcept;

std::optional<JobType> merge_and_collapse(JobType one, JobType other, ActiveState state) noexcept;

/// Returns whether a job of this type has nothing to do for a unit in this state.
bool is_redundant(JobType type, ActiveState state) noexcept;

inline bool contradict(JobType one, JobType other) noexcept {
    return !merge(one, other);
}

}  // namespace notifybridge::manager
