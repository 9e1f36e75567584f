#pragma once

#include <sys/types.h>

#include <cstdint>

namespace notifybridge::wrap {

/// Looks up the processes that send messages, for CommandVoice.
class SenderProcesses {
public:
    virtual ~SenderProcesses() = default;

    /// Returns an object that looks at the processes of this system.
    static const SenderProcesses& real();

    virtual pid_t own_pid() const = 0;

    virtual bool is_gone(pid_t pid) const = 0;
    /// Returns whether the process is ending, is a zombie, or does not exist.
    virtual bool is_ending(pid_t pid) const = 0;
    /// Returns when the process started. Returns 0 if the process is gone. A later process with the
    /// same pid has another start time.
    virtual std::uint64_t start_time(pid_t pid) const = 0;

    /// Returns whether the process is a descendant of the command or of `wrap`, which adopts the
    /// orphans of the command.
    virtual bool is_descendant(pid_t pid, pid_t command) const = 0;

    /// Returns whether the process is a helper (systemd-notify or `send`), or waits for a helper.
    /// The process must be a descendant of the command or of `wrap`, which adopts the orphans of
    /// the command. systemd-notify may send the pid of its parent, which can be a subshell of the
    /// command. So a process that waits for a helper counts, too.
    virtual bool is_helper_below(pid_t pid, pid_t command) const = 0;
};

}  // namespace notifybridge::wrap
