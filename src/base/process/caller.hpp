#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace notifybridge::process {

/// The pid of the service manager that this runs under, by MANAGERPID (systemd.exec(5)).
struct ManagerPid {
    std::optional<pid_t> pid;
    std::string warning;  ///< Why what the variables say does not count, if it does not.
};

/// MANAGERPID is inherited by whatever a service starts, and may outlive the manager; so it counts
/// only where MANAGERPIDFDID, if set, is still the id of that process.
ManagerPid find_manager();

/// Whom a message is to come from: the process that called us, as we are gone by the time that the
/// message is read, but never the init or the service manager itself.
pid_t choose_source(pid_t parent, pid_t self, std::optional<pid_t> manager) noexcept;

}  // namespace notifybridge::process
