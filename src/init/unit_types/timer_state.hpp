#pragma once

#include <string_view>

#include "init/manager/state.hpp"

/// The states of a timer (org.freedesktop.systemd1(5), SubState).
namespace notifybridge::unit_types {

enum class TimerState {
    dead,
    waiting,
    running,  ///< It has started its unit, which has not ended yet.
    elapsed,  ///< It will not elapse again, unless its unit is started by other means.
    failed,
};

std::string_view to_string(TimerState state) noexcept;
manager::ActiveState active_state(TimerState state) noexcept;

}  // namespace notifybridge::unit_types
