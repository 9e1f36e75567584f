#pragma once

#include <string>
#include <string_view>

namespace notifybridge::system {

/// The search path to use if PATH is not set, as in systemd (DEFAULT_PATH).
inline constexpr std::string_view default_search_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Returns an errno if we cannot execute the file at this path: EISDIR for a directory, EINVAL for
/// other special files. Returns 0 if we can.
int why_not_executable(const std::string& path);

/// Returns whether this is a regular file that we may execute.
inline bool is_executable(const std::string& path) {
    return why_not_executable(path) == 0;
}

}  // namespace notifybridge::system
