#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::system {

/// One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). The views point into its text.
struct MountInfo {
    std::string_view device;         ///< "MAJOR:MINOR" of the file system.
    std::string root;                ///< The mounted directory, as a path in the file system.
    std::string path;                ///< The mount point, relative to the process's root.
    std::string_view options;        ///< The options of this mount, such as "ro,nosuid".
    std::string_view type;           ///< Such as "ext4" or "fuse.sshfs".
    std::string_view super_options;  ///< The options of the file system, and so of all its mounts.

    /// Returns whether the mount or its file system is read-only.
    bool is_read_only() const;
};

/// Takes the next mount from the text. Skips malformed lines. Returns nullopt at the end.
std::optional<MountInfo> take_mount(std::string_view& mountinfo);

}  // namespace notifybridge::system
