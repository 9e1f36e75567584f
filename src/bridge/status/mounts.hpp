#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/diagnosis/finding.hpp"

/// Finds the containers that mount a shared directory, as /proc on the host shows them.
namespace notifybridge::status {

/// A mount from the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
struct Mount {
    std::string path;
    bool is_read_only = false;

    bool operator==(const Mount&) const = default;
};

/// Returns the mounts of the file system with this device number.
std::vector<Mount> mounts_of(std::string_view mountinfo, dev_t device);

/// A container that mounts the shared directory.
struct MountingContainer {
    pid_t pid = 0;  ///< A process of the container, by its pid in our pid namespace.
    std::string name;
    Mount mount;
    /// SHARED_DIR in the environment of that process; empty if it is not set.
    std::string shared_dir;
};

/// Returns the containers that mount the directory. Leaves out containers whose processes we may
/// not inspect. `waiter` is the pid of `wait`.
std::vector<MountingContainer> find_containers(system::Fd directory, pid_t waiter);

/// Uses the containers' mounts to explain why there is no run.
void judge_containers(diagnosis::Findings& found, std::span<const MountingContainer> containers);

}  // namespace notifybridge::status
