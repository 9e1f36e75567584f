#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/cli/options.hpp"
#include "base/system/fd.hpp"

/// Reads settings from options and variables, and checks them.
namespace notifybridge::cli {

/// Returns the value of the environment variable `name`. Returns nullopt if the variable is unset
/// or empty.
std::optional<std::string> variable(const char* name);

/// Like `variable`, but returns an empty text if the variable is unset or empty.
std::string variable_or_empty(std::string_view name);

/// Returns the interval at which systemd expects pings from this process (WATCHDOG_USEC,
/// sd_watchdog_enabled(3)). Returns nullopt if systemd expects no pings.
std::optional<std::chrono::microseconds> watchdog_period();

/// Returns whether `output` is a terminal that accepts control sequences. A terminal with TERM=dumb
/// does not accept them.
bool is_terminal(system::Fd output);

/// Returns whether to use colours on `output`: if it is a terminal and NO_COLOR is not set.
bool wants_colour(system::Fd output);

/// Returns the width of lines on `output` in columns: COLUMNS if it is set, otherwise the width of
/// the terminal. Returns nullopt if both are unknown.
std::optional<std::size_t> line_width(system::Fd output);

/// Returns the time span of option --NAME. Throws UsageError if the span is not valid.
std::optional<std::chrono::microseconds> time_span_option(const Arguments& arguments,
                                                          std::string_view name);

/// Parses `text` as a time span. Errors mention `setting`, which is "TIMEOUT" or "--timeout", for
/// example.
std::chrono::microseconds parse_time_span_setting(std::string_view setting, std::string_view text);

}  // namespace notifybridge::cli
