#include "bridge/probe/schedule.hpp"

#include <algorithm>

namespace notifybridge::probe {
namespace {

/// From one check to the next.
constexpr std::chrono::microseconds shortest(5000);
constexpr int share_of_waiting = 100;
constexpr int rest_after_check = 3;

}  // namespace

std::chrono::microseconds Schedule::pause(std::chrono::microseconds elapsed,
                                          std::chrono::microseconds check) const {
    const auto wanted = std::max<std::chrono::microseconds>(
        {shortest - check, elapsed / share_of_waiting, check * rest_after_check});
    return std::min(wanted, longest_);
}

}  // namespace notifybridge::probe
