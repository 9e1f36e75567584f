#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/status/finding.hpp"

/// Containers that mount a shared directory, as /proc shows them on the host.
namespace notifybridge::status {

/// A mount, in the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
struct Mount {
    std::string path;
    bool is_read_only = false;

    bool operator==(const Mount&) const = default;
};

/// Returns the mounts of the file system with this device number.
std::vector<Mount> mounts_of(std::string_view mountinfo, dev_t device);

/// A container that mounts the directory.
struct Sight {
    pid_t pid = 0;  ///< The first process in it, as a pid of our namespace.
    std::string name;
    Mount mount;
    std::string shared_dir;  ///< SHARED_DIR in that process's environment; empty if unset.
};

/// Returns each container that mounts the directory, if we may look at its processes.
std::vector<Sight> find_containers(system::Fd directory, pid_t waiter);

/// Derives from the mounts why there is no run.
void judge_sights(Findings& found, std::span<const Sight> sights);

}  // namespace notifybridge::status
