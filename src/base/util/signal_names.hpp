#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// Parses a signal: "SIGTERM", "TERM", "RTMIN+3", "RTMAX-1" or a number (systemd.kill(5),
/// signal(7)).
std::optional<int> parse_signal(std::string_view text);

/// Parses like `parse_signal`, but ignores case: container managers also accept "sigint".
std::optional<int> parse_signal_in_any_case(std::string_view text);

/// Returns a signal's name as systemd prints it: "TERM", or "RTMIN+3".
std::string signal_to_string(int signal);

}  // namespace notifybridge::util
