#pragma once

#include "base/event/deadline.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/supervisor.hpp"
#include "base/system/mounts.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Looks whether there is something at a path, in a child where the file system may hang.
class PathLook {
public:
    /// `limit`: how long a look in a child may take.
    PathLook(event::Loop& loop, process::Supervisor& supervisor, std::string path,
             std::chrono::microseconds limit);

    const std::string& path() const { return path_; }

    /// Whether the path leads to another machine's files, or a program's (FUSE), so that whoever
    /// looks there may have to wait for ever.
    bool may_hang() { return mounts_.may_hang(full_path_); }

    /// Looks, at once.
    Finding look() const;

    /// Looks in a child. While one hangs that cannot be killed, there is no other. One at a time.
    event::Awaitable<Finding> look_in_child();

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
    bool is_told_ = false;  ///< That it does not answer.
    process::ExitStatus end_;
};

}  // namespace notifybridge::probe
