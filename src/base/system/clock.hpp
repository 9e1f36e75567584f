#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace notifybridge::system {

/// A moment on both clocks, in microseconds: since 1970, for people, and since boot, as systemd's
/// MONOTONIC_USEC counts.
struct Moment {
    std::uint64_t realtime = 0;
    std::uint64_t monotonic = 0;

    bool operator==(const Moment&) const = default;
};

/// Whether CLOCK_MONOTONIC counts from the same moment there and here, by the time of day.
bool same_clock(Moment there, Moment here) noexcept;

Moment now() noexcept;
/// The one that does not go back, alone.
std::uint64_t monotonic_now() noexcept;

/// How systemd prints a time: "Fri 2026-11-20 17:40:18 UTC".
inline constexpr const char* date_format = "%a %Y-%m-%d %H:%M:%S %Z";

/// Microseconds since 1970 in local time, as strftime(3) has it; "@" and the number where that is
/// beyond all years.
std::string to_local_time(std::uint64_t realtime, const char* format = date_format);
std::string to_utc(std::uint64_t realtime, const char* format);

}  // namespace notifybridge::system
