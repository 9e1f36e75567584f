#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/cli/options.hpp"
#include "base/system/fd.hpp"

/// Settings as options and variables give them, checked where they come in.
namespace notifybridge::cli {

/// The value of this variable; an empty one counts as not set.
std::optional<std::string> variable(const char* name);

/// The period in which systemd wants pings of this process (WATCHDOG_USEC, sd_watchdog_enabled(3));
/// nothing where it wants none.
std::optional<std::chrono::microseconds> watchdog_period();

/// Whether this is a terminal, and not TERM=dumb, which takes no control sequences.
bool is_terminal(system::Fd output);

/// Whether what goes to this descriptor is to be coloured: on such a terminal, without NO_COLOR.
bool wants_colour(system::Fd output);

/// How many columns lines on this descriptor may take: COLUMNS, or else what the terminal has;
/// nothing where it is none.
std::optional<std::size_t> line_width(system::Fd output);

/// The time span that --NAME gives; throws UsageError where it is none.
std::optional<std::chrono::microseconds> time_span_option(const Arguments& arguments,
                                                          std::string_view name);

/// `text` as a time span; the error names `setting`: "TIMEOUT", "--timeout".
std::chrono::microseconds parse_time_span_setting(std::string_view setting, std::string_view text);

}  // namespace notifybridge::cli
