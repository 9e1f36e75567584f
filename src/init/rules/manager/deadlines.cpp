#include "init/rules/manager/deadlines.hpp"

namespace notifybridge::manager {

void Deadlines::set(std::uint64_t number, std::uint64_t when) {
    const auto old = by_number_.find(number);
    if (old != by_number_.end()) {
        if (old->second == when)
            return;
        order_.erase({old->second, number});
        by_number_.erase(old);
    }
    if (when == 0)
        return;
    order_.emplace(when, number);
    by_number_.emplace(number, when);
}

std::optional<std::uint64_t> Deadlines::take_due(std::uint64_t now) {
    if (order_.empty() || order_.begin()->first > now)
        return std::nullopt;
    const std::uint64_t number = order_.begin()->second;
    set(number, 0);
    return number;
}

}  // namespace notifybridge::manager
