#pragma once

#include <string>
#include <string_view>

namespace notifybridge::process {

/// How the titles of our processes that stand by begin.
inline constexpr std::string_view title_prefix = "notifybridge: ";

/// Has ps(1) and `systemctl status` show `title` in the place of our command line: a process that
/// goes on beside us, without a program of its own, would show that line twice. A title is cut to
/// the room that the command line has.
void set_title(const std::string& title);

}  // namespace notifybridge::process
