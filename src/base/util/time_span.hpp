#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::util {

using TimeSpan = std::chrono::microseconds;

/// What "infinity" means.
inline constexpr TimeSpan infinity = TimeSpan::max();

/// A time span as systemd.time(7) writes it: "90" (seconds), "1min 30s", "1.5h", "100ms",
/// "infinity". Nothing where `text` is not one, is negative or does not fit.
std::optional<TimeSpan> parse_time_span(std::string_view text);

/// A count of microseconds as sd_notify and the watchdog's environment have it, read as systemd
/// does; nothing where `text` is not one.
std::optional<TimeSpan> parse_usec(std::string_view text);

/// `span` for people, in the form that parse_time_span reads: "1min 30s".
std::string to_string(TimeSpan span);

/// The same as systemctl prints it: with years and months, and of less than a minute a fraction
/// rather than smaller units, down to `accuracy`, a power of ten: "1min 1.500s".
std::string to_decimal_string(TimeSpan span, TimeSpan accuracy = TimeSpan(1));

}  // namespace notifybridge::util
