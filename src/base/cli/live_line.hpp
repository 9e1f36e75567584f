#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/event/deadline.hpp"

namespace notifybridge::cli {

/// The event that we wait for, and the time when this wait began. Does no I/O.
class Waiting {
public:
    using Time = std::chrono::microseconds;

    /// Returns the line to show while waiting for `what`: "waiting for READY=1 (3 s)".
    std::string text(const std::string& what, Time now);

private:
    std::string what_;
    Time since_{};
};

/// A line on the terminal of standard error that shows what we wait for. The line is updated each
/// second, and the destructor removes it.
class LiveLine {
public:
    /// Calls `what` for each update of the line.
    LiveLine(event::Loop& loop, std::function<std::string()> what);
    LiveLine(const LiveLine&) = delete;
    LiveLine& operator=(const LiveLine&) = delete;
    ~LiveLine();

private:
    void show();

    std::function<std::string()> what_;
    Waiting waiting_;
    event::Deadline tick_;
};

}  // namespace notifybridge::cli
