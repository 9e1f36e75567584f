#include "bridge/probe/health_plan.hpp"

#include <algorithm>

namespace notifybridge::probe {
namespace {

using channel::HealthState;

/// The pause after an additional check is half of the time since the start, or since a success has
/// become likely. So a check notices a healthy state too late by at most a third of that time. The
/// pause is also at least three times as long as the check.
constexpr int early_share = 2;
constexpr int early_checks_share = 3;
constexpr std::chrono::milliseconds shortest_early_pause(100);

}  // namespace

bool HealthPlan::is_in_start_period(Time now) const {
    return health_.state == HealthState::starting && now - started_ < settings_.start_period;
}

HealthPlan::Time HealthPlan::regular_pause(Time now) const {
    return is_in_start_period(now) ? settings_.start_interval : settings_.interval;
}

HealthPlan::Time HealthPlan::early_pause(Time now) const {
    return std::max<Time>({shortest_early_pause, (now - likely_since_) / early_share,
                           (now - began_) * early_checks_share});
}

HealthPlan::Time HealthPlan::time_to_start() const {
    if (settings_.start_period.count() == 0)
        return {};
    return settings_.start_period + std::max(settings_.start_interval, settings_.interval)
           + settings_.timeout;
}

HealthPlan::Decision HealthPlan::started(Time now) {
    started_ = now;
    likely_since_ = now;
    due_ = now + regular_pause(now);
    return {};
}

HealthPlan::Decision HealthPlan::check_ended(Time now, Result result) {
    const bool holds = result.exit_status == 0;
    // If an additional check ends when the next regular check is already due, it replaces that
    // check.
    const bool is_regular = now >= due_;
    health_.exit_status = result.exit_status;
    health_.output = std::move(result.output);
    const HealthState before = health_.state;
    if (holds) {
        health_.state = HealthState::healthy;
        health_.failing_streak = 0;
    } else if (is_regular && !is_in_start_period(began_)
               && ++health_.failing_streak >= settings_.retries) {
        health_.state = HealthState::unhealthy;
    }
    if (holds || is_regular)
        due_ = now + regular_pause(now);
    Decision decision;
    decision.pause = due_ - now;
    if (health_.state == HealthState::starting)
        decision.pause = std::min(decision.pause, early_pause(now));
    if (health_.state != before)
        decision.change = holds ? Change::healthy : Change::unhealthy;
    return decision;
}

}  // namespace notifybridge::probe
