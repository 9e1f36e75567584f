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

/// Hides the value of `option`, such as "--health-cmd", in our command line, which all users of the
/// machine can read (proc(5)). Looks only for the form OPTION=VALUE before the word "--". Only the
/// memory of argv changes, so this function must be called after the options were copied.
void hide_value(std::string_view option);

}  // namespace notifybridge::process
