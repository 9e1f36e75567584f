#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/time_span.hpp"
#include "init/unit/command.hpp"

/// Values as `systemctl show` prints them.
namespace notifybridge::directive {

/// "yes" or "no".
std::string to_property(bool value);

/// A number, or "[not set]".
std::string or_not_set(std::optional<std::uint64_t> number);

/// A time span: "1min 30s", "1.500000s", "infinity", "0".
std::string to_property(util::TimeSpan span);

/// Words with a space between them, in double quotes where a shell would need them.
std::string to_property(const std::vector<std::string>& words);

/// The same without quotes.
std::string joined(const std::vector<std::string>& words);

/// "Fri 2026-11-20 17:40:18 UTC" of microseconds since 1970, in local time; empty for 0.
std::string to_timestamp(std::uint64_t realtime);

/// How a command ran last.
struct CommandRun {
    std::uint64_t start = 0;  ///< Realtime, µs; 0: it did not run.
    std::uint64_t end = 0;
    int pid = 0;
    int code = 0;  ///< CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: it did not end.
    int status = 0;
};

/// "{ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ;
/// pid=0 ; code=(null) ; status=0/0 }"
std::string to_property(const unit::Command& command, const CommandRun& run = {});

/// The same with all of the command's prefixes by their names: "flags=ignore-failure privileged" in
/// place of "ignore_errors=yes".
std::string to_extended_property(const unit::Command& command, const CommandRun& run = {});

}  // namespace notifybridge::directive
