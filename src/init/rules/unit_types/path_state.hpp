#pragma once

#include <string_view>

#include "init/rules/manager/state.hpp"

/// The states of a path (org.freedesktop.systemd1(5), SubState).
namespace notifybridge::unit_types {

enum class PathState {
    dead,
    waiting,
    running,  ///< The triggered unit is active, or is being started or stopped.
    failed,
};

std::string_view to_string(PathState state) noexcept;
manager::ActiveState active_state(PathState state) noexcept;

}  // namespace notifybridge::unit_types
