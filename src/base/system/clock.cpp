#include "base/system/clock.hpp"

#include <array>
#include <ctime>

#include "base/util/concat.hpp"

namespace notifybridge::system {
namespace {

/// The largest difference that an adjustment of one clock may cause. Clocks that differ by more are
/// different clocks.
constexpr std::int64_t same_clock_usec = 1'000'000;

std::uint64_t usec_of(clockid_t clock) noexcept {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000
           + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

template <typename BreakDown>
std::string to_text(std::uint64_t realtime, const char* format, BreakDown break_down) {
    const auto seconds = static_cast<std::time_t>(realtime / 1'000'000);
    std::tm parts{};
    std::array<char, 64> text;
    if (!break_down(&seconds, &parts))
        return util::concat('@', realtime);
    return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace

bool same_clock(Moment there, Moment here) noexcept {
    const auto boot = [](Moment moment) {
        return static_cast<std::int64_t>(moment.realtime - moment.monotonic);
    };
    const std::int64_t apart = boot(there) - boot(here);
    return apart > -same_clock_usec && apart < same_clock_usec;
}

Moment now() noexcept {
    return {usec_of(CLOCK_REALTIME), monotonic_now()};
}

std::uint64_t monotonic_now() noexcept {
    return usec_of(CLOCK_MONOTONIC);
}

std::string fraction_of_second(std::uint64_t usec) {
    const std::string digits = util::concat(usec % 1'000'000);
    return std::string(6 - digits.size(), '0') + digits;
}

std::string to_local_time(std::uint64_t realtime, const char* format) {
    return to_text(realtime, format, ::localtime_r);
}

std::string to_utc(std::uint64_t realtime, const char* format) {
    return to_text(realtime, format, ::gmtime_r);
}

}  // namespace notifybridge::system
