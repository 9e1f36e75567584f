#pragma once

#include "base/event/deadline.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/supervisor.hpp"
#include "base/system/mounts.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// A check whether a path exists. If the file system may hang, a child process can do the check.
class PathLook {
public:
    /// A check in a child process takes at most `limit`.
    PathLook(event::Loop& loop, process::Supervisor& supervisor, std::string path,
             std::chrono::microseconds limit);

    const std::string& path() const { return path_; }

    /// Returns whether the path crosses a network file system, or one that a program serves (FUSE).
    /// A check of such a path may block forever.
    bool may_hang() { return mounts_.may_hang(full_path_); }

    /// Checks the path without a child process.
    Finding look() const;

    /// Checks the path in a child process. If the previous child hangs and cannot be killed, starts
    /// no new child.
    event::Awaitable<Finding> check_in_child();

private:
    process::Supervisor& supervisor_;
    std::string path_;
    std::string full_path_;
    std::chrono::microseconds limit_;
    system::Mounts mounts_;
    event::Deadline deadline_;
    event::Wakeup over_;
    pid_t child_ = -1;
    bool is_late_ = false;
    bool is_told_ = false;  ///< Whether a warning was logged that the file system does not respond.
    process::ExitStatus end_;
};

}  // namespace notifybridge::probe
