#pragma once

#include <string>
#include <string_view>

namespace notifybridge::system {

/// The search path to use if PATH is not set, as in systemd (DEFAULT_PATH).
inline constexpr std::string_view default_search_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Returns the errno value that explains why we cannot execute the file at `path`. This is EISDIR
/// for a directory, and EINVAL for other special files. Returns 0 if we can execute the file.
int why_not_executable(const std::string& path);

/// Returns whether `path` is a regular file that we may execute.
inline bool is_executable(const std::string& path) {
    return why_not_executable(path) == 0;
}

}  // namespace notifybridge::system
