#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace notifybridge::system {

/// A moment on two clocks, in microseconds: the time since 1970, and the time since boot as in
/// systemd's MONOTONIC_USEC.
struct Moment {
    std::uint64_t realtime = 0;
    std::uint64_t monotonic = 0;

    bool operator==(const Moment&) const = default;
};

/// Returns whether CLOCK_MONOTONIC started at the same time on the machines of `there` and `here`.
/// Uses their `realtime` to compare the clocks.
bool same_clock(Moment there, Moment here) noexcept;

Moment now() noexcept;
/// Returns the time of CLOCK_MONOTONIC in microseconds.
std::uint64_t monotonic_now() noexcept;

/// Returns the part of a time that is less than a second, as six digits: "000250".
std::string fraction_of_second(std::uint64_t usec);

/// systemd's format for times: "Fri 2026-11-20 17:40:18 UTC".
inline constexpr const char* date_format = "%a %Y-%m-%d %H:%M:%S %Z";

/// Formats microseconds since 1970 in local time with strftime(3). Returns "@" and the number if
/// the year does not fit into std::tm.
std::string to_local_time(std::uint64_t realtime, const char* format = date_format);
std::string to_utc(std::uint64_t realtime, const char* format);

}  // namespace notifybridge::system
