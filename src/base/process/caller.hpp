#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace notifybridge::process {

/// The pid of the service manager that started this process (MANAGERPID, systemd.exec(5)).
struct ManagerPid {
    std::optional<pid_t> pid;
    std::string warning;  ///< The reason why the variables are ignored, or empty.
};

/// Returns the manager's pid. All descendants of a service inherit MANAGERPID, and may outlive the
/// manager. So if MANAGERPIDFDID is set, the process with that pid must still have this id.
ManagerPid find_manager();

/// Returns the process to name as the sender of a message. This is normally our caller, because
/// this process may have ended before the message is read. If our caller is PID 1 or the service
/// manager, returns our own pid.
pid_t choose_source(pid_t parent, pid_t self, std::optional<pid_t> manager) noexcept;

}  // namespace notifybridge::process
