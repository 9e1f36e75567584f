#pragma once

#include <memory>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/timer.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Waits until each of several conditions held once.
class Readiness {
public:
    struct Options {
        std::chrono::microseconds interval = std::chrono::seconds(1);
        std::chrono::microseconds timeout = std::chrono::microseconds::max();
    };

    Readiness(event::Loop& loop, Options options);

    /// Called once, when the last one holds; from within whatever told of it.
    std::function<void()> on_ready;
    /// Called once, where they did not all hold in time.
    std::function<void()> on_timeout;
    /// Called with what is waited for, now and then while it takes its time: more seldom the longer
    /// it does. What is up at once is not talked about.
    std::function<void(const std::string& text)> on_waiting;
    /// Called when a condition holds, or does not for another reason than before, and each time a
    /// probe was asked and answered in time.
    std::function<void()> on_progress;

    /// Before `start`.
    void add(std::unique_ptr<Probe> probe);

    /// Begins: looks at all of them at once, and then, until the loop ends or `stop`, at those that
    /// did not hold.
    void start();

    /// Looks once more at those that can be looked at without waiting.
    void look();

    /// Nothing more is looked at, and nobody is told.
    void stop();

    bool ready() const { return ready_; }

    /// What does not hold: "waiting for tcp:127.0.0.1:80: connection refused (3 s)".
    std::string waiting_for() const;

private:
    struct Condition {
        Condition(event::Loop& loop, std::unique_ptr<Probe> what)
            : probe(std::move(what)), pause(loop) {}

        std::unique_ptr<Probe> probe;
        event::Timer pause;
        bool holds = false;
        std::string reason;
    };

    using Clock = std::chrono::steady_clock;

    void note(Condition& condition, Finding finding, bool was_asked);
    event::Awaitable<> poll(Condition& condition);
    event::Awaitable<> report();
    std::chrono::microseconds elapsed() const;

    event::Loop& loop_;
    Options options_;
    std::vector<std::unique_ptr<Condition>> conditions_;
    event::Deadline deadline_;
    event::Timer report_pause_;
    Clock::time_point started_;
    bool stopped_ = false;
    bool ready_ = false;
};

}  // namespace notifybridge::probe
