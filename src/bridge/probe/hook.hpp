#pragma once

#include "bridge/probe/script.hpp"

namespace notifybridge::probe {

/// A user's command that runs once after an event. Nothing waits for the command except the
/// shutdown. A failure of the command is only logged.
class Hook {
public:
    /// Creates a hook for `command`, which the user set with `option`, such as "--on-ready". The
    /// command may take at most `limit`.
    Hook(event::Loop& loop, process::Supervisor& supervisor, std::string option,
         std::string command, std::chrono::microseconds limit);

    /// Runs the command unless it has run before.
    void run(process::Environment environment);

    /// Reduces the time limit to at most `limit`. If the command is running, the limit counts from
    /// now.
    void hurry(std::chrono::microseconds limit);

    /// Waits until the command is not running.
    event::Awaitable<> finished();

private:
    event::Awaitable<> run_to_end();

    event::Loop& loop_;
    std::string option_;
    Script script_;
    std::chrono::microseconds limit_;
    process::Environment environment_;
    event::Wakeup ended_;
    bool began_ = false;
    bool running_ = false;
};

}  // namespace notifybridge::probe
