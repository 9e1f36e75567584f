#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::wait {

struct SandboxOptions {
    std::vector<system::Fd> directories;  ///< Where files are read and written.
    /// Looks other processes up in /proc. Landlock would not let it, as it takes /proc/PID/ns for
    /// tracing, and so is left out.
    bool reads_processes = false;
};

/// What holds after `narrow`.
struct SandboxReport {
    bool no_new_privs = false;
    bool landlock = false;
    bool seccomp = false;
    std::string why_not;  ///< What does not hold, and why; empty where all does.

    /// In one line: "no_new_privs, Landlock, seccomp", "no_new_privs, seccomp (without Landlock:
    /// …)".
    std::string summary() const;
};

/// Gives up for good what `wait` does not need once its command runs: new privileges, files outside
/// of the directories (`restrict_files`), and other system calls (`filter_system_calls`). Processes
/// that were started before keep all of it. What the kernel does not have is left out and named in
/// the report: a bridge without it works as well.
SandboxReport narrow(const SandboxOptions& options);

}  // namespace notifybridge::wait
