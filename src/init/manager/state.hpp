#pragma once

#include <cstdint>
#include <string_view>

/// Translates the states of units and jobs to systemd's words (org.freedesktop.systemd1(5)).
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
    verify_active,  ///< Requisite=: fails if the unit is not up.
    stop,
    reload,
    restart,  ///< A stop, and then a start.
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
    assertion,  ///< In systemd's words: "assert".
    unsupported,
    collected,
    once,
};

std::string_view to_string(JobResult result) noexcept;

/// The result of asking a unit to start, stop or reload.
enum class Verdict {
    begun,         ///< The change has begun or is complete, as the state shows.
    already,       ///< There is nothing to do.
    again,         ///< The unit cannot do it now; the job tries again when the state changes.
    skipped,       ///< A condition does not hold, and the job is done.
    asserted,      ///< An Assert does not hold.
    limited,       ///< The unit was started too often.
    dependency,    ///< A unit to which this unit is bound is not up.
    inactive,      ///< The job verified that the unit is up, and it is not.
    invalid,       ///< The unit's state does not allow it.
    unsupported,   ///< We do not support units of this type.
    not_possible,  ///< The unit cannot do it.
    failed,
};

}  // namespace notifybridge::manager
