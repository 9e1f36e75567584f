#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>

#include "bridge/wrap/sender_processes.hpp"

namespace notifybridge::wrap {

/// Decides which processes send messages for the command. These are the command itself and its
/// helpers, systemd-notify and `send`. Helpers are descendants that only send the message of a
/// script.
class CommandVoice {
public:
    /// `processes` must outlive this object.
    explicit CommandVoice(const SenderProcesses& processes = SenderProcesses::real())
        : processes_(processes) {}

    /// Makes this process the command. The previous command becomes an ordinary process.
    void follow(pid_t command);
    pid_t command() const { return command_; }

    /// Returns whether a message of this process counts as a message of the command.
    ///
    /// A helper may have ended before its message is read. So a process that has ended counts as a
    /// helper, unless `includes` has seen it before and it was not a helper. A server still runs
    /// when its READY=1 is read. So `includes` sees the server then, and later messages of the
    /// server do not count as those of a helper.
    bool includes(pid_t sender);

    /// Returns whether the process is a helper of the command, and has not ended.
    bool is_helper(pid_t sender) const { return processes_.is_helper_below(sender, command_); }

    /// Returns whether the process is a descendant of the command, or of `wrap`, and has not ended.
    bool is_descendant(pid_t sender) const {
        return sender > 0 && processes_.is_descendant(sender, command_) && !has_ended(sender);
    }

private:
    bool has_ended(pid_t sender) const;
    void remember(pid_t other, std::uint64_t start_time);

    const SenderProcesses& processes_;
    pid_t command_ = 0;
    /// Processes that do not send messages for the command, and the times when they started.
    std::map<pid_t, std::uint64_t> others_;
};

}  // namespace notifybridge::wrap
