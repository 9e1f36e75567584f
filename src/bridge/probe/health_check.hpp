#pragma once

#include <functional>
#include <optional>
#include <span>

#include "base/event/timer.hpp"
#include "bridge/probe/factory.hpp"
#include "bridge/probe/health_plan.hpp"
#include "bridge/probe/readiness.hpp"
#include "bridge/probe/script.hpp"

namespace notifybridge::probe {

/// A health check that runs repeatedly, at the times that a HealthPlan decides.
class HealthCheck {
public:
    HealthCheck(event::Loop& loop, process::Supervisor& supervisor, const HealthSettings& settings);

    /// Called after each check, when `health` is up to date.
    std::function<void(HealthPlan::Change change)> on_result;
    /// Returns whether failures do not count now, because the program was asked to end. May be
    /// empty.
    std::function<bool()> excused;

    /// Also checks as soon as all of `targets` accept connections, because a success is likely
    /// then. Call this before `start`.
    void check_after(std::span<const Specification> targets, const Means& means);

    /// Checks until the loop ends or `stop` is called. The first check is immediate.
    void start(process::Environment environment);

    /// Stops the checks. Kills a check that is running.
    void stop();

    const channel::Health& health() const { return plan_.health(); }
    HealthPlan::Time time_to_start() const { return plan_.time_to_start(); }

private:
    event::Awaitable<> run();
    void check_soon();
    bool is_healthy() const { return health().state == channel::HealthState::healthy; }

    event::Loop& loop_;
    HealthSettings settings_;
    HealthPlan plan_;
    Script script_;
    process::Environment environment_;
    event::Timer pause_;
    std::optional<Readiness> targets_;
    bool is_wanted_soon_ = false;
    bool stopped_ = false;
};

/// Returns the result of an ended check, for HealthPlan. A check that took longer than `timeout`
/// was killed.
HealthPlan::Result meaning_of(const Script::Outcome& outcome, std::chrono::microseconds timeout);

}  // namespace notifybridge::probe
