#pragma once

#include <sys/types.h>

#include <cstdint>

namespace notifybridge::wrap {

/// Answers CommandVoice's questions about the processes that send messages.
class SenderProcesses {
public:
    virtual ~SenderProcesses() = default;

    /// Returns the processes of this system.
    static const SenderProcesses& real();

    virtual pid_t own_pid() const = 0;

    virtual bool is_gone(pid_t pid) const = 0;
    /// Returns whether it has ended or is ending, or is gone.
    virtual bool is_ending(pid_t pid) const = 0;
    /// Returns when it started, to tell it from a later one with the same pid; 0 if it is gone.
    virtual std::uint64_t start_time(pid_t pid) const = 0;

    /// Returns whether it is a helper (systemd-notify or `send`) or waits for one, and is below the
    /// command or us: we adopt what the command leaves behind. systemd-notify may send its parent's
    /// pid instead of its own, and the parent can be a subshell of the command.
    virtual bool is_helper_below(pid_t pid, pid_t command) const = 0;
};

}  // namespace notifybridge::wrap
