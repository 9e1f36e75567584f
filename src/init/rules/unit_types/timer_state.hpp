#pragma once

#include <string_view>

#include "init/rules/manager/state.hpp"

/// Describes the states of a timer (org.freedesktop.systemd1(5), SubState).
namespace notifybridge::unit_types {

enum class TimerState {
    dead,
    waiting,
    running,  ///< The timer has started its unit, which has not ended yet.
    elapsed,  ///< The timer will not elapse again, unless something else starts its unit.
    failed,
};

std::string_view to_string(TimerState state) noexcept;
manager::ActiveState active_state(TimerState state) noexcept;

}  // namespace notifybridge::unit_types
