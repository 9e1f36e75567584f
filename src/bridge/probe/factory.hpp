#pragma once

#include <memory>
#include <vector>

#include "base/process/supervisor.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/probe/probe.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// What is needed to create probes.
struct Means {
    event::Loop& loop;
    process::Supervisor& supervisor;
    process::Environment environment;   ///< For commands that probes run.
    std::chrono::microseconds limit{};  ///< The most that one check may take.
    std::vector<unsigned> http_statuses;
    Purpose purpose = Purpose::readiness;
    const channel::Health* health = nullptr;  ///< Set if there is a health check.
};

/// Creates the probe for `specification`.
std::unique_ptr<Probe> make_probe(const Specification& specification, const Means& means);

}  // namespace notifybridge::probe
