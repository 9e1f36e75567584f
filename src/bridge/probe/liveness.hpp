#pragma once

#include <memory>
#include <optional>

#include "base/event/timer.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Asks a probe again and again whether a program is alive. One check a period, and no other
/// wake-up.
class Liveness {
public:
    struct Options {
        /// The time from one check to the next, where no watchdog asks for a shorter one.
        std::optional<std::chrono::microseconds> interval;
        unsigned failures = 1;  ///< So many in a row mean that it is not alive.
    };

    /// Where there is neither an interval nor a watchdog.
    static constexpr std::chrono::seconds default_interval{10};

    /// Of the watchdog's time a third lies between two checks, so that one may fail or come late.
    static constexpr int checks_per_watchdog = 3;

    Liveness(event::Loop& loop, std::unique_ptr<Probe> probe, Options options);

    /// Says how long the watchdog waits, if there is one; asked before each check.
    std::function<std::optional<std::chrono::microseconds>()> watchdog;
    /// Whether a check need not hold, as of a program that was told to end: it counts as what it
    /// was before. May be left out.
    std::function<bool()> excused;
    /// Called for each check while it counts as alive.
    std::function<void()> on_alive;
    /// Called when it no longer does, and when it does again. The text says why.
    std::function<void(const std::string& text)> on_dead;
    std::function<void()> on_revival;

    /// The watchdog may be another one: where it waits for less, the next check comes at once.
    void watchdog_changed();

    /// Checks until the loop ends or `stop`; the first time at once.
    void start();
    void stop();

    /// From one check to the next.
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
    std::chrono::microseconds pause_period_{};  ///< That the pause was begun with.
    unsigned failed_ = 0;                       ///< Of the last checks, in a row.
    bool stopped_ = false;
};

}  // namespace notifybridge::probe
