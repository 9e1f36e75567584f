#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/time_span.hpp"
#include "init/files/unit/command.hpp"

/// Formats values as `systemctl show` does.
namespace notifybridge::directive {

/// Returns the name of the property for a directive: "TimeoutUSec" for TimeoutSec=.
std::string property_name(std::string_view directive);

/// Returns "yes" or "no".
std::string to_property(bool value);

/// Returns the number as text, or "[not set]".
std::string or_not_set(std::optional<std::uint64_t> number);

/// Returns a time span as text: "1min 30s", "1.500000s", "infinity", "0".
std::string to_property(util::TimeSpan span);

/// Joins words with spaces. Puts double quotes around each word that needs quotes in a shell.
std::string to_property(const std::vector<std::string>& words);

/// Joins words with spaces, without quotes.
std::string joined(const std::vector<std::string>& words);

/// Returns microseconds since 1970 as local time: "Fri 2026-11-20 17:40:18 UTC". Returns an empty
/// text for 0.
std::string to_timestamp(std::uint64_t realtime);

/// The last run of a command.
struct CommandRun {
    std::uint64_t start = 0;  ///< The start in µs since 1970; 0 if the command did not run.
    std::uint64_t end = 0;
    int pid = 0;
    int code = 0;  ///< CLD_EXITED, CLD_KILLED or CLD_DUMPED; 0 if the run has not ended.
    int status = 0;
};

/// Returns the property of a command and its last run: "{ path=/bin/true ; argv[]=/bin/true ;
/// ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }".
std::string to_property(const unit::Command& command, const CommandRun& run = {});

/// Does the same as the function above, but lists the command's prefixes, except "@", as flags:
/// "flags=ignore-failure privileged" instead of "ignore_errors=yes".
std::string to_extended_property(const unit::Command& command, const CommandRun& run = {});

}  // namespace notifybridge::directive
