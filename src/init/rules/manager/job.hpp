#pragma once

#include <cstdint>

#include "init/rules/manager/state.hpp"

namespace notifybridge::manager {

class Unit;

/// An operation on a unit.
struct Task {
    Unit& unit;
    JobType type;
    bool irreversible = false;  ///< Whether contradicting tasks cannot replace the job.
    bool ignores_order = false;
};

/// A task that waits for its turn, or for a new state of its unit. A unit has at most one job, and
/// in addition at most one nop job, which does nothing.
struct Job : Task {
    enum class State { waiting, running };

    std::uint64_t id;
    State state = State::waiting;
    bool is_in_run_queue = false;
    std::uint64_t deadline = 0;  ///< The deadline (monotonic, µs), or 0 if there is none.
};

/// Returns "waiting" or "running".
std::string_view to_string(Job::State state) noexcept;

enum class Order { before, same, after };

/// Returns whether `task` runs before or after `other`. If `is_ordered_after` is true, the unit of
/// `task` is ordered after the unit of `other`. If `is_ordered_after` is false, the unit of `task`
/// is ordered before that unit.
///
/// A stop always runs before a start, and two stops run in reverse order (systemd.unit(5),
/// Before=).
Order order_of(const Task& task, const Task& other, bool is_ordered_after) noexcept;

}  // namespace notifybridge::manager
