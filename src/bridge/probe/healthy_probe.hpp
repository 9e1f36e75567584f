#pragma once

#include "bridge/channel/health.hpp"
#include "bridge/probe/probe.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// A probe that succeeds while the health check's result meets the condition. For readiness, the
/// program must be healthy. For liveness, the program must not be unhealthy. The probe also
/// succeeds after `tell` was called.
class HealthyProbe final : public ToldProbe {
public:
    /// `health` must outlive this object.
    HealthyProbe(const channel::Health& health, Purpose purpose)
        : ToldProbe("the health check", {}), health_(health), purpose_(purpose) {}

    Finding look() override {
        using channel::HealthState;
        const bool is_healthy = health_.state == HealthState::healthy;
        const bool is_unhealthy = health_.state == HealthState::unhealthy;
        Finding finding = ToldProbe::look();
        finding.holds |= purpose_ == Purpose::readiness ? is_healthy : !is_unhealthy;
        if (!finding.holds)
            finding.reason = health_.output;
        return finding;
    }

private:
    const channel::Health& health_;
    Purpose purpose_;
};

}  // namespace notifybridge::probe
