#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/notify/receiver.hpp"
#include "base/process/supervisor.hpp"

namespace notifybridge::send {

/// A command that runs in the background of a script. This object acts as the command's service
/// manager until the command is ready or has ended, and passes signals on until then.
class Launch {
public:
    Launch();

    struct Outcome {
        bool ready = false;  ///< Whether the command has sent READY=1; it may continue to run.
        pid_t pid = -1;
        process::ExitStatus end;  ///< The command's exit status, if it was never ready.
    };

    /// Called once if a process other than the command sends a message, which is ignored.
    std::function<void(pid_t sender)> on_foreign_sender;

    /// Starts `command`, and waits until it is ready or has ended. The command gets NOTIFY_SOCKET,
    /// and /dev/null as standard input and output. If the command had our standard output, a reader
    /// of that output, such as a shell with $(...), would wait until the command ends. Throws
    /// std::system_error with execve's errno if the command cannot run.
    Outcome run(std::vector<std::string> command);

private:
    event::Awaitable<> listen();
    void take_messages();

    event::Loop loop_;
    process::Supervisor supervisor_;
    notify::Receiver receiver_;
    event::Descriptor readable_;
    Outcome outcome_;
    bool told_of_foreign_ = false;
};

}  // namespace notifybridge::send
