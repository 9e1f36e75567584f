#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::wait {

struct SandboxOptions {
    std::vector<system::Fd> directories;  ///< The directories whose files `wait` reads and writes.
    /// Whether `wait` looks up other processes in /proc. If so, Landlock is not used, because it
    /// would refuse to read /proc/PID/ns, which counts as tracing.
    bool reads_processes = false;
    /// Whether `wait` accepts connections of a virtual machine, which sends its messages over them.
    bool accepts_connections = false;
};

/// The protections that are active after `narrow`.
struct SandboxReport {
    bool no_new_privs = false;
    bool landlock = false;
    bool seccomp = false;
    bool lacks_landlock = false;  ///< Whether Landlock was wanted, and cannot be used.
    /// The protections that are not active, with the reasons. Empty if all are active.
    std::string why_not;

    /// Returns one line, such as "no_new_privs, Landlock, seccomp" or "no_new_privs, seccomp
    /// (without Landlock: …)".
    std::string summary() const;
};

/// Permanently gives up the rights that `wait` does not need while its command runs. After that,
/// `wait` cannot gain privileges, use files outside of the directories (`restrict_files`), or make
/// other system calls (`filter_system_calls`). Processes that were started before keep their
/// rights. Protections that the kernel does not have are skipped and named in the report, because
/// the bridge works without them.
SandboxReport narrow(const SandboxOptions& options);

}  // namespace notifybridge::wait
