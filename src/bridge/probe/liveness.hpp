#pragma once

#include <memory>
#include <optional>

#include "base/event/timer.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// A periodic check of a probe, to find out whether a program is alive. Each period has only one
/// check.
class Liveness {
public:
    /// The usual time between two checks if there is neither an interval nor a watchdog.
    static constexpr std::chrono::seconds default_interval{10};

    struct Options {
        /// The time between two checks. A watchdog may require a shorter time.
        std::optional<std::chrono::microseconds> interval;
        /// The time between two checks if there is neither an interval nor a watchdog.
        std::chrono::microseconds usual_interval = default_interval;
        unsigned failures = 1;  ///< The program counts as dead after this many failures in a row.
    };

    /// The number of checks in a watchdog's period, so that one check may fail or be late.
    static constexpr int checks_per_watchdog = 3;

    Liveness(event::Loop& loop, std::unique_ptr<Probe> probe, Options options);

    /// Returns the watchdog's timeout. Returns nullopt if there is no watchdog. Called before each
    /// pause.
    std::function<std::optional<std::chrono::microseconds>()> watchdog;
    /// Returns whether failures do not count now, for example because the program was asked to end.
    /// May be empty.
    std::function<bool()> excused;
    /// Called after each check as long as the program counts as alive.
    std::function<void()> on_alive;
    /// Called with the reason when the program begins to count as dead. `on_revival` is called when
    /// the program is alive again.
    std::function<void(const std::string& text)> on_dead;
    std::function<void()> on_revival;

    /// Starts the next check at once if the watchdog's timeout is shorter now. Must be called when
    /// the watchdog has changed.
    void watchdog_changed();

    /// Starts the next check at once.
    void check_now() { pause_.cancel(); }

    /// Checks until the loop ends or `stop` is called. The first check starts at once.
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
    unsigned failed_ = 0;                       ///< The number of checks in a row that failed.
    bool stopped_ = false;
};

}  // namespace notifybridge::probe
