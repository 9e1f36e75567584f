#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace notifybridge::process {

/// The pid of the service manager that started this process, from MANAGERPID (systemd.exec(5)).
struct ManagerPid {
    std::optional<pid_t> pid;
    std::string warning;  ///< Why the variables are ignored, if they are.
};

/// Returns the manager's pid. All descendants of a service inherit MANAGERPID, and it may outlive
/// the manager: if MANAGERPIDFDID is set, it must still be the id of that process.
ManagerPid find_manager();

/// Returns the process that a message should come from: our caller, since we are gone when the
/// message is read, but never the init or the service manager itself.
pid_t choose_source(pid_t parent, pid_t self, std::optional<pid_t> manager) noexcept;

}  // namespace notifybridge::process
