#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace notifybridge::process {

/// The pid of the service manager that started this process (MANAGERPID, systemd.exec(5)).
struct ManagerPid {
    std::optional<pid_t> pid;
    std::string warning;  ///< A warning about a variable that is not valid; otherwise empty.
};

/// Returns the manager's pid. All descendants of a service inherit MANAGERPID, and may outlive the
/// manager. So if MANAGERPIDFDID is set, returns a pid only if its process still has this pidfd id.
ManagerPid find_manager();

/// Returns the pid to name as the sender of a message. This is normally `parent`, because `self`
/// may have ended before the message is read. Returns `self` if `parent` is 0, PID 1 or `manager`.
pid_t choose_source(pid_t parent, pid_t self, std::optional<pid_t> manager) noexcept;

}  // namespace notifybridge::process
