#pragma once

#include "bridge/probe/script.hpp"

namespace notifybridge::probe {

/// A command of the user's that runs once, when something happened. Nobody waits for it, but at the
/// very end; that it failed is logged and nothing more.
class Hook {
public:
    /// `option`: how it was given, such as "--on-ready". `limit`: how long it may take.
    Hook(event::Loop& loop, process::Supervisor& supervisor, std::string option,
         std::string command, std::chrono::microseconds limit);

    /// Runs it, if it never ran.
    void run(process::Environment environment);

    /// It may take no longer than `limit` (or its own limit, if less): from now on where it runs.
    void hurry(std::chrono::microseconds limit);

    /// Returns when it does not run (any more).
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
