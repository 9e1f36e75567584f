#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/event/deadline.hpp"

namespace notifybridge::cli {

/// What is waited for, and since when. Pure.
class Waiting {
public:
    using Time = std::chrono::microseconds;

    /// The line for people, where `what` is waited for now: "waiting for READY=1 (3 s)".
    std::string text(const std::string& what, Time now);

private:
    std::string what_;
    Time since_{};
};

/// Shows on the terminal that standard error is what is waited for, in one line that is written
/// over each second, until it goes.
class LiveLine {
public:
    /// `what` is asked each time.
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
