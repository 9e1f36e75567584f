#pragma once

#include <memory>
#include <vector>

#include "base/process/supervisor.hpp"
#include "bridge/probe/probe.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// What probes are made with.
struct Means {
    event::Loop& loop;
    process::Supervisor& supervisor;
    process::Environment environment;   ///< For what probes run.
    std::chrono::microseconds limit{};  ///< How long one check may take.
    std::vector<unsigned> http_statuses;
};

/// The probe that `specification` asks for.
std::unique_ptr<Probe> make_probe(const Specification& specification, const Means& means);

}  // namespace notifybridge::probe
