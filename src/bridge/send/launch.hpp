#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/notify/receiver.hpp"
#include "base/process/supervisor.hpp"

namespace notifybridge::send {

/// Starts a command in the background for a script: takes the service manager's place towards it,
/// until it is ready or has ended. Signals are passed on meanwhile.
class Launch {
public:
    Launch();

    struct Outcome {
        bool ready = false;  ///< It said READY=1; it may run on.
        pid_t pid = -1;
        process::ExitStatus end;  ///< How it ended, where it never said so.
    };

    /// Called once, where another process than the command sends to it: that does not count.
    std::function<void(pid_t sender)> on_foreign_sender;

    /// Runs `command` to that point. It gets NOTIFY_SOCKET, and /dev/null as standard input and
    /// output: whoever reads our output, as $(...) does, would otherwise wait for its end. Throws
    /// std::system_error with execve's errno where it cannot be run.
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
