#pragma once

#include <cstdint>
#include <string_view>

/// Translates the states of units and jobs to systemd's names (org.freedesktop.systemd1(5)).
namespace notifybridge::manager {

enum class ActiveState {
    inactive,
    activating,
    active,
    reloading,
    deactivating,
    failed,
};

std::string_view to_string(ActiveState state) noexcept;

inline bool is_up(ActiveState state) {
    return state == ActiveState::active || state == ActiveState::reloading;
}
inline bool is_down(ActiveState state) {
    return state == ActiveState::inactive || state == ActiveState::failed;
}
inline bool is_up_or_starting(ActiveState state) {
    return is_up(state) || state == ActiveState::activating;
}
inline bool is_down_or_stopping(ActiveState state) {
    return is_down(state) || state == ActiveState::deactivating;
}

enum class JobType {
    start,
    verify_active,  ///< For Requisite=: this job fails if the unit is not up.
    stop,
    reload,
    restart,  ///< A stop that is followed by a start.
    // These types become nop, or one of the types above, when a job is enqueued.
    try_restart,
    try_reload,
    reload_or_start,
    nop,
};

std::string_view to_string(JobType type) noexcept;

enum class JobResult {
    done,
    canceled,
    timeout,
    failed,
    dependency,
    skipped,
    invalid,
    assertion,  ///< systemd calls this result "assert".
    unsupported,
    collected,
    once,
};

std::string_view to_string(JobResult result) noexcept;

/// The result of a request to start, stop or reload a unit.
enum class Verdict {
    begun,    ///< The change has begun or is complete, as the unit's state shows.
    already,  ///< There is nothing to do.
    /// The unit cannot change its state now. The job tries again when the unit's state changes, or
    /// when its conditions are known.
    again,
    skipped,       ///< A condition does not hold, and the job is done.
    asserted,      ///< An assert does not hold.
    limited,       ///< The unit was started too often.
    dependency,    ///< A unit that this unit is bound to is not up.
    inactive,      ///< For Requisite=: the unit is not up.
    invalid,       ///< The unit's state does not allow the change.
    unsupported,   ///< We do not support units of this type.
    not_possible,  ///< The unit does not support the change.
    failed,
};

}  // namespace notifybridge::manager
