#pragma once

#include <sys/types.h>

#include <string>

#include "base/system/fd.hpp"
#include "init/hands/perform/unit_processes.hpp"

namespace notifybridge::perform {

/// The result of following a path component by component.
struct Chased {
    system::UniqueFd handle;  ///< An O_PATH descriptor of the file. Empty if `error` is set.
    int error = 0;
    /// Whether a directory or link of a user other than root led to a file of another user.
    bool is_unsafe = false;
};

/// Follows an absolute path and all its links.
Chased chase(const std::string& path);

/// The pid in a PID file, or the reason why the unit cannot use the file.
struct PidFile {
    pid_t pid = 0;
    std::string fault;
};

/// The content of a PID file.
struct PidFileContent {
    pid_t pid = 0;
    /// Whether only root can have written the file and created its path.
    bool is_roots = false;
    std::string fault = {};  ///< The reason why the file has no pid.
};

/// Reads a PID file. Blocks if the file system does.
PidFileContent read_content(const std::string& path);

/// Decides whether the unit can use the pid in this file, by the rules of read_pid_file().
PidFile judge(UnitProcesses& processes, const std::string& unit, const PidFileContent& content,
              pid_t control);

/// Reads a PID file by the rules of systemd.service(5), PIDFile=. The process must be alive, and
/// must not be the manager or `control`. If users other than root can have created the file or its
/// path, the process must belong to the unit.
PidFile read_pid_file(UnitProcesses& processes, const std::string& unit, const std::string& path,
                      pid_t control);

/// Returns the unit's only process that is our child. Returns 0 unless exactly one such process
/// exists.
pid_t guess_main_pid(UnitProcesses& processes, const std::string& unit);

}  // namespace notifybridge::perform
