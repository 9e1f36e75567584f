#include "system/clock.hpp"

#include <array>
#include <ctime>

#include "util/concat.hpp"

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

std::string to_local_time(std::uint64_t realtime, const char* format) {
    const auto seconds = static_cast<std::time_t>(realtime / 1'000'000);
    std::tm local{};
    std::array<char, 64> text;
    if (!::localtime_r(&seconds, &local))
        return util::concat('@', realtime);
    return {text.data(), std::strftime(text.data(), text.size(), format, &local)};
}

}  // namespace notifybridge::system
