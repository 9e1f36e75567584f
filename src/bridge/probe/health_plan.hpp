#pragma once

#include <chrono>
#include <string>

#include "bridge/channel/health.hpp"
#include "bridge/probe/health_settings.hpp"

namespace notifybridge::probe {

/// A plan that decides when a health check runs, and what its results mean. The rules are those of
/// docker's HEALTHCHECK. A success makes the state healthy, and `retries` failures in a row make it
/// unhealthy. In the start period, failures do not count, and the first success ends the period.
///
/// Until the first success, additional checks run between the regular checks, so that a healthy
/// state is found early. Failures of the additional checks do not count. The caller passes the
/// time, from any clock that does not go back.
class HealthPlan {
public:
    using Time = std::chrono::microseconds;

    explicit HealthPlan(HealthSettings settings) : settings_(std::move(settings)) {}

    /// The result of a check.
    struct Result {
        /// The exit status as a shell reports it; nullopt if there is none.
        std::optional<int> exit_status;
        /// The first line of output, or the reason why there is none.
        std::string output;
    };

    enum class Change { none, healthy, unhealthy };

    struct Decision {
        Change change = Change::none;
        Time pause{};  ///< The pause before the next check.

        bool operator==(const Decision&) const = default;
    };

    /// Begins the plan when the command has started. Returns the decision about the first check.
    Decision started(Time now);
    void check_began(Time now) { began_ = now; }
    /// Makes the pauses before additional checks short again. They grow again from `now` on. Must
    /// be called when a first success has become likely.
    void success_is_likely(Time now) { likely_since_ = now; }
    Decision check_ended(Time now, Result result);

    const channel::Health& health() const { return health_; }

    /// Returns how long the command may take to become healthy: the start period, and the time for
    /// the check after this period. Returns 0 without a start period.
    Time time_to_start() const;

private:
    bool is_in_start_period(Time now) const;
    Time regular_pause(Time now) const;
    Time early_pause(Time now) const;

    HealthSettings settings_;
    channel::Health health_;
    Time started_{};
    Time likely_since_{};  ///< The pauses before additional checks grow from this time on.
    Time began_{};
    Time due_{};  ///< The time when the next regular check is due.
};

}  // namespace notifybridge::probe
