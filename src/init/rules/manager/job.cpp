#include "init/rules/manager/job.hpp"

namespace notifybridge::manager {

std::string_view to_string(Job::State state) noexcept {
    return state == Job::State::waiting ? "waiting" : "running";
}

namespace {

/// Returns whether a job of this type begins with a stop, as a restart does.
bool stops(JobType type) {
    return type == JobType::stop || type == JobType::restart;
}

}  // namespace

Order order_of(const Task& task, const Task& other, bool is_ordered_after) noexcept {
    if (task.type == JobType::nop || other.type == JobType::nop)
        return Order::same;
    if (task.ignores_order || other.ignores_order)
        return Order::same;
    // The stop of the later unit precedes any job of the earlier unit.
    if (is_ordered_after)
        return stops(task.type) ? Order::before : Order::after;
    return stops(other.type) ? Order::after : Order::before;
}

}  // namespace notifybridge::manager
