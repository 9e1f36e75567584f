#pragma once

#include <memory>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/timer.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// A wait that ends when each condition has been met at least once.
class Readiness {
public:
    struct Options {
        std::chrono::microseconds interval = std::chrono::seconds(1);
        /// Whether clients wait, so that the pauses are shorter (pause_for_clients).
        bool has_clients = false;
        std::chrono::microseconds timeout = std::chrono::microseconds::max();
    };

    Readiness(event::Loop& loop, Options options);

    /// Called once, when the last condition is met. If `ToldProbe::tell` fulfils the last
    /// condition, this callback runs before `tell` returns.
    std::function<void()> on_ready;
    /// Called once if the time is over before all conditions have been met.
    std::function<void()> on_timeout;
    /// Called at growing intervals with the conditions that we still wait for. Not called if all
    /// conditions are met quickly.
    std::function<void(const std::string& text)> on_waiting;
    /// Called when a probe succeeds, fails for a new reason, or answers within its time limit.
    std::function<void()> on_progress;

    /// Adds a probe. Call this before `start`.
    void add(std::unique_ptr<Probe> probe);

    /// Checks all conditions now. Repeats the checks of conditions that are not met until the loop
    /// ends or `stop` is called.
    void start();

    /// Checks again the conditions that can be checked without waiting.
    void look();

    /// Ends the wait as if all conditions had been met now.
    void accept();

    /// Stops all checks and callbacks.
    void stop();

    bool ready() const { return ready_; }

    /// Describes the conditions that are not met yet: "waiting for tcp:127.0.0.1:80: connection
    /// refused (3 s)".
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
