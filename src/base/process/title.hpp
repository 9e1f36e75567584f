#pragma once

#include <string>
#include <string_view>

namespace notifybridge::process {

/// The first words of the titles of our standby processes.
inline constexpr std::string_view title_prefix = "notifybridge: ";

/// Makes ps(1) and `systemctl status` show `title` instead of our command line: a forked process
/// would otherwise show that line twice. The title is cut to the length of the command line.
void set_title(const std::string& title);

}  // namespace notifybridge::process
