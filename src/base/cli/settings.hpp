#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/cli/options.hpp"
#include "base/system/fd.hpp"

/// Reads settings from options and variables, and checks them.
namespace notifybridge::cli {

/// Returns the value of the variable, or nullopt if it is unset or empty.
std::optional<std::string> variable(const char* name);

/// Returns how often systemd expects pings from this process (WATCHDOG_USEC,
/// sd_watchdog_enabled(3)), or nullopt.
std::optional<std::chrono::microseconds> watchdog_period();

/// Returns whether `output` is a terminal that accepts control sequences: not TERM=dumb.
bool is_terminal(system::Fd output);

/// Returns whether to colour `output`: a terminal as above, without NO_COLOR.
bool wants_colour(system::Fd output);

/// Returns the width of lines on `output` in columns: COLUMNS, or the terminal's width. Returns
/// nullopt if it is not a terminal.
std::optional<std::size_t> line_width(system::Fd output);

/// Returns the time span given by --NAME. Throws UsageError if it is not valid.
std::optional<std::chrono::microseconds> time_span_option(const Arguments& arguments,
                                                          std::string_view name);

/// Parses `text` as a time span; the error names `setting`: "TIMEOUT", "--timeout".
std::chrono::microseconds parse_time_span_setting(std::string_view setting, std::string_view text);

}  // namespace notifybridge::cli
