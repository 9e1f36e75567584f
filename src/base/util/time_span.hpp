#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::util {

using TimeSpan = std::chrono::microseconds;

/// The value of "infinity".
inline constexpr TimeSpan infinity = TimeSpan::max();

/// Parses a time span (systemd.time(7)): "90" (seconds), "1min 30s", "1.5h", "100ms", "infinity".
/// Returns nullopt if `text` is not a time span, is negative or does not fit.
std::optional<TimeSpan> parse_time_span(std::string_view text);

/// Parses a count of microseconds from sd_notify or the watchdog's environment as systemd does.
/// Returns nullopt if `text` is not a number.
std::optional<TimeSpan> parse_usec(std::string_view text);

/// Returns `span` in a form that parse_time_span reads: "1min 30s".
std::string to_string(TimeSpan span);

/// Returns `span` as systemctl prints it: with years and months, and below a minute as a fraction
/// instead of smaller units, down to `accuracy`, a power of ten: "1min 1.500s".
std::string to_decimal_string(TimeSpan span, TimeSpan accuracy = TimeSpan(1));

}  // namespace notifybridge::util
