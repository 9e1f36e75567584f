#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::util {

using TimeSpan = std::chrono::microseconds;

/// The value that "infinity" stands for.
inline constexpr TimeSpan infinity = TimeSpan::max();

/// Returns the sum of two spans that are not negative. Returns `infinity` if it does not fit.
constexpr TimeSpan sum(TimeSpan left, TimeSpan right) {
    return left > infinity - right ? infinity : left + right;
}

/// Parses a time span (systemd.time(7)): "90" (seconds), "1min 30s", "1.5h", "100ms", "infinity".
/// Returns nullopt if `text` is not a time span, is negative or does not fit.
std::optional<TimeSpan> parse_time_span(std::string_view text);

/// Parses a count of microseconds as systemd does in sd_notify messages and the watchdog's
/// environment. Returns nullopt if `text` is not a number.
std::optional<TimeSpan> parse_usec(std::string_view text);

/// Returns `span` in a form that `parse_time_span` accepts: "1min 30s".
std::string to_string(TimeSpan span);

/// Returns `span` as systemctl prints it: "1min 1.500s". Uses years and months, and a fraction of
/// seconds instead of smaller units. `accuracy` is a power of ten. Smaller parts are left out.
std::string to_decimal_string(TimeSpan span, TimeSpan accuracy = TimeSpan(1));

}  // namespace notifybridge::util
