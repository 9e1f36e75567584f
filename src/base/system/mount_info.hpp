#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::system {

/// One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). The views point into the text of that
/// file.
struct MountInfo {
    std::string_view device;   ///< "MAJOR:MINOR" of the file system.
    std::string root;          ///< The path of the mounted directory within its file system.
    std::string path;          ///< The mount point, relative to the process's root.
    std::string_view options;  ///< The options of this mount, such as "ro,nosuid".
    std::string_view type;     ///< The file system's type, such as "ext4".
    /// The options of the file system, which apply to all its mounts.
    std::string_view super_options;

    /// Returns whether the mount or its file system is read-only.
    bool is_read_only() const;
};

/// Removes the next mount from `mountinfo`, and returns it. Skips malformed lines. Returns nullopt
/// at the end.
std::optional<MountInfo> take_mount(std::string_view& mountinfo);

}  // namespace notifybridge::system
