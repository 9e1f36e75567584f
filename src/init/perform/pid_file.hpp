#pragma once

#include <sys/types.h>

#include <string>

#include "base/system/fd.hpp"
#include "init/perform/unit_processes.hpp"

namespace notifybridge::perform {

/// The result of following a path component by component.
struct Chased {
    system::UniqueFd handle;  ///< O_PATH; closed if nothing exists.
    int error = 0;
    /// A directory or link of a user other than root led to a file of another user.
    bool is_unsafe = false;
};

/// Follows an absolute path, links included.
Chased chase(const std::string& path);

/// The process that a PID file names, or the reason why the unit cannot use it.
struct PidFile {
    pid_t pid = 0;
    std::string fault;
};

/// Reads a PID file by the rules of systemd.service(5), PIDFile=: the process is alive and neither
/// the manager nor `control`; and either it belongs to the unit, or only root can have made this
/// file and the path to it.
PidFile read_pid_file(UnitProcesses& processes, const std::string& unit, const std::string& path,
                      pid_t control);

/// Returns the unit's only process that is our child; 0 if there is none, or several.
pid_t guess_main_pid(UnitProcesses& processes, const std::string& unit);

}  // namespace notifybridge::perform
