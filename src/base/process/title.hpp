#pragma once

#include <string>
#include <string_view>

namespace notifybridge::process {

/// The prefix of the titles of our standby processes.
inline constexpr std::string_view title_prefix = "notifybridge: ";

/// Makes ps(1) and `systemctl status` show `title` instead of our command line. Otherwise they
/// would show the same line twice, because a forked process has the command line of its parent. The
/// title is cut to the length of the command line.
void set_title(const std::string& title);

}  // namespace notifybridge::process
