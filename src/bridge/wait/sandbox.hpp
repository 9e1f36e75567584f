#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::wait {

struct SandboxOptions {
    std::vector<system::Fd> directories;  ///< Directories in which files are read and written.
    /// Other processes are looked up in /proc. Landlock counts reading /proc/PID/ns as tracing and
    /// refuses it, so it is left out then.
    bool reads_processes = false;
    bool accepts_connections = false;  ///< The messages of a virtual machine come in connections.
};

/// The protections that hold after `narrow`.
struct SandboxReport {
    bool no_new_privs = false;
    bool landlock = false;
    bool seccomp = false;
    std::string why_not;  ///< Which ones do not hold, and why; empty if all do.

    /// Returns one line: "no_new_privs, Landlock, seccomp", "no_new_privs, seccomp (without
    /// Landlock: …)".
    std::string summary() const;
};

/// Gives up for good what `wait` does not need once its command runs: new privileges, files outside
/// of the directories (`restrict_files`), and other system calls (`filter_system_calls`). Processes
/// that were started before keep their rights. Protections that the kernel lacks are left out and
/// named in the report: the bridge works without them.
SandboxReport narrow(const SandboxOptions& options);

}  // namespace notifybridge::wait
