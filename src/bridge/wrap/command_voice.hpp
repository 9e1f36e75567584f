#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>

#include "bridge/wrap/sender_processes.hpp"

namespace notifybridge::wrap {

/// Decides which processes speak for the command. Those are the command itself and its helpers,
/// systemd-notify and `send`: processes below us that only send what a script says.
class CommandVoice {
public:
    /// `processes` must outlive this object.
    explicit CommandVoice(const SenderProcesses& processes = SenderProcesses::real())
        : processes_(processes) {}

    /// Makes this process the command; the one before it is another process from now on.
    void follow(pid_t command);
    pid_t command() const { return command_; }

    /// Returns whether a message of this process counts as one of the command.
    ///
    /// A helper may be gone when its message is read, and nothing tells then what it was. So a
    /// process that is gone counts as a helper, unless it was seen before to be something else: a
    /// server is there when it says READY=1, and its later messages are known by that.
    bool includes(pid_t sender);

private:
    void remember(pid_t other, std::uint64_t start_time);

    const SenderProcesses& processes_;
    pid_t command_ = 0;
    /// Processes that speak for themselves, with the times when they started.
    std::map<pid_t, std::uint64_t> others_;
};

}  // namespace notifybridge::wrap
