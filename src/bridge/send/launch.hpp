#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/notify/receiver.hpp"
#include "base/process/supervisor.hpp"

namespace notifybridge::send {

/// Starts a command in the background for a script: acts as its service manager until it is ready
/// or has ended, and passes signals on meanwhile.
class Launch {
public:
    Launch();

    struct Outcome {
        bool ready = false;  ///< It sent READY=1 and may continue to run.
        pid_t pid = -1;
        process::ExitStatus end;  ///< How it ended, if it never was ready.
    };

    /// Called once if a process other than the command sends a message; that is ignored.
    std::function<void(pid_t sender)> on_foreign_sender;

    /// Runs `command` until it is ready or has ended. It gets NOTIFY_SOCKET, and /dev/null as
    /// standard input and output: otherwise a reader of our output, as $(...), would wait for the
    /// command's end. Throws std::system_error with execve's errno if it cannot run.
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
