#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "base/process/supervisor.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/probe/descriptor_probe.hpp"
#include "bridge/probe/log_probe.hpp"
#include "bridge/probe/probe.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// The objects that probes are created with.
struct Means {
    event::Loop& loop;
    process::Supervisor& supervisor;
    process::Environment environment;   ///< For commands that probes run.
    std::chrono::microseconds limit{};  ///< The most that one check may take.
    std::vector<unsigned> http_statuses;
    Purpose purpose = Purpose::readiness;
    const channel::Health* health = nullptr;  ///< Set if there is a health check.
};

/// A probe, by its own type if its user has to tell it something.
using MadeProbe = std::variant<std::unique_ptr<Probe>, std::unique_ptr<ToldProbe>,
                               std::unique_ptr<DescriptorProbe>, std::unique_ptr<LogProbe>>;

/// Creates the probe for `specification`.
MadeProbe make_probe(const Specification& specification, const Means& means);

}  // namespace notifybridge::probe
