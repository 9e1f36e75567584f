#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "base/process/supervisor.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/probe/descriptor_probe.hpp"
#include "bridge/probe/listen_plan.hpp"
#include "bridge/probe/log_probe.hpp"
#include "bridge/probe/own_listeners.hpp"
#include "bridge/probe/probe.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// The objects and settings that a new probe needs.
struct Means {
    event::Loop& loop;
    process::Supervisor& supervisor;
    process::Environment environment;   ///< The environment of commands that probes run.
    std::chrono::microseconds limit{};  ///< The time limit of one check.
    std::vector<unsigned> http_statuses;
    Purpose purpose = Purpose::readiness;
    /// The health check's result; null if there is no health check.
    const channel::Health* health = nullptr;
    /// The sockets of the command; null if no probe needs them.
    OwnListeners* listeners = nullptr;
    /// Decides about readiness if the published ports are the default; otherwise null.
    ListenPlan* listen_plan = nullptr;
};

/// A new probe. The type is specific if the caller must report events to the probe.
using MadeProbe = std::variant<std::unique_ptr<Probe>, std::unique_ptr<ToldProbe>,
                               std::unique_ptr<DescriptorProbe>, std::unique_ptr<LogProbe>>;

/// Creates the probe for `specification`.
MadeProbe make_probe(const Specification& specification, const Means& means);

}  // namespace notifybridge::probe
