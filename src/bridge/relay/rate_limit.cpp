#include "bridge/relay/rate_limit.hpp"

#include <algorithm>

namespace notifybridge::relay {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::chrono::microseconds shortest_delay(10'000);

}  // namespace

RateLimit::RateLimit(std::uint64_t per_second, std::uint64_t burst)
    : interval_ns_(per_second == 0 ? 0 : second_ns / per_second), burst_ns_(burst * interval_ns_) {}

std::chrono::microseconds RateLimit::delay(std::uint64_t now_usec) const {
    const std::uint64_t allowed_until = now_usec * 1000 + burst_ns_;
    if (full_at_ns_ <= allowed_until)
        return {};
    const std::chrono::microseconds debt((full_at_ns_ - allowed_until) / 1000);
    return debt < shortest_delay ? std::chrono::microseconds{} : debt;
}

void RateLimit::take(std::uint64_t now_usec, std::uint64_t count) {
    full_at_ns_ = std::max(full_at_ns_, now_usec * 1000) + count * interval_ns_;
}

}  // namespace notifybridge::relay
