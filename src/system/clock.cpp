#include "system/clock.hpp"

#include <ctime>

namespace notifybridge::system {
namespace {

std::uint64_t usec_of(clockid_t clock) noexcept {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000
           + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

}  // namespace

Moment now() noexcept {
    return {usec_of(CLOCK_REALTIME), usec_of(CLOCK_MONOTONIC)};
}

}  // namespace notifybridge::system
