#include "init/rules/manager/rate_limit.hpp"

namespace notifybridge::manager {

bool RateLimit::is_over(std::uint64_t now) const {
    return count_ == 0 || now > end();
}

bool RateLimit::allows(std::uint64_t now) {
    if (interval_ == util::TimeSpan::zero() || burst_ == 0)
        return true;
    if (is_over(now)) {
        begin_ = now;
        count_ = 0;
    }
    if (count_ >= burst_)
        return false;
    ++count_;
    return true;
}

std::uint64_t RateLimit::end() const {
    // This sum cannot overflow, because an interval is at most 2^63 - 1 µs, and the clock is far
    // below 2^63 µs.
    return begin_ + static_cast<std::uint64_t>(interval_.count());
}

void RateLimit::set(util::TimeSpan interval, unsigned burst) {
    interval_ = interval;
    burst_ = burst;
}

}  // namespace notifybridge::manager
