#pragma once

#include "bridge/probe/script.hpp"

namespace notifybridge::probe {

/// Runs a user's command once after an event. Only the shutdown waits for it; a failure is only
/// logged.
class Hook {
public:
    /// `option`: the option that gave it, like "--on-ready". `limit`: the most that it may take.
    Hook(event::Loop& loop, process::Supervisor& supervisor, std::string option,
         std::string command, std::chrono::microseconds limit);

    /// Runs the command unless it has run before.
    void run(process::Environment environment);

    /// Reduces its limit to at most `limit`, counted from now if it is running.
    void hurry(std::chrono::microseconds limit);

    /// Returns when it is not running.
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
