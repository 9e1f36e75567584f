#pragma once

#include <memory>
#include <optional>

#include "base/event/timer.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Checks a probe periodically to find out if a program is alive. Wakes up only once per period.
class Liveness {
public:
    struct Options {
        /// The time between two checks, unless a watchdog requires a shorter one.
        std::optional<std::chrono::microseconds> interval;
        unsigned failures = 1;  ///< After this many failures in a row the program counts as dead.
    };

    /// Used without an interval or a watchdog.
    static constexpr std::chrono::seconds default_interval{10};

    /// Check three times per watchdog period, so that one check may fail or be late.
    static constexpr int checks_per_watchdog = 3;

    Liveness(event::Loop& loop, std::unique_ptr<Probe> probe, Options options);

    /// Returns the watchdog's timeout, if there is one; called before each check.
    std::function<std::optional<std::chrono::microseconds>()> watchdog;
    /// Returns whether failures do not count now, for example because the program was told to end.
    /// Optional.
    std::function<bool()> excused;
    /// Called after each check while the program counts as alive.
    std::function<void()> on_alive;
    /// Called when it counts as dead, and when it is alive again. The text gives the reason.
    std::function<void(const std::string& text)> on_dead;
    std::function<void()> on_revival;

    /// Call this when the watchdog has changed: if it is shorter, the next check comes at once.
    void watchdog_changed();

    /// Makes the next check come at once.
    void check_now() { pause_.cancel(); }

    /// Checks until the loop ends or `stop` is called; the first check is immediate.
    void start();
    void stop();

    /// Returns the time between two checks.
    std::chrono::microseconds period() const;

private:
    event::Awaitable<> run();
    event::Awaitable<std::optional<Finding>> check();
    bool is_excused() const { return excused && excused(); }
    void count(const Finding& finding);

    event::Loop& loop_;
    std::unique_ptr<Probe> probe_;
    Options options_;
    event::Timer pause_;
    std::chrono::microseconds pause_period_{};  ///< The period when the current pause began.
    unsigned failed_ = 0;                       ///< The number of failures in a row.
    bool stopped_ = false;
};

}  // namespace notifybridge::probe
