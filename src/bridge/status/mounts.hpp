#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/status/finding.hpp"

/// Where containers have a shared directory, as far as /proc shows it from the host.
namespace notifybridge::status {

/// A mount, in the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
struct Mount {
    std::string path;
    bool is_read_only = false;

    bool operator==(const Mount&) const = default;
};

/// Those of the file system with this number.
std::vector<Mount> mounts_of(std::string_view mountinfo, dev_t device);

/// A container that has the directory.
struct Sight {
    pid_t pid = 0;  ///< The first process in it, by its number here.
    std::string name;
    Mount mount;
    std::string shared_dir;  ///< SHARED_DIR as that process has it; empty where it has none.
};

/// Each container that has the directory mounted, and whose processes we may look at.
std::vector<Sight> find_containers(system::Fd directory, pid_t waiter);

/// Why there is no run, by what is mounted.
void judge_sights(Findings& found, std::span<const Sight> sights);

}  // namespace notifybridge::status
