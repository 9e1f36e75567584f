#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/cli/options.hpp"
#include "bridge/probe/liveness.hpp"
#include "bridge/probe/readiness.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge {

/// What `wrap` was told to find out, and to do, for a program that does not notify.
struct ProbeSettings {
    std::vector<probe::Specification> ready_when;  ///< None: the command says READY=1 itself.
    std::vector<unsigned> http_statuses;           ///< That hold; none: 200 to 399.
    std::optional<std::string> ready_status;
    probe::Readiness::Options readiness;
    std::optional<std::chrono::microseconds> ready_extend;
    std::optional<probe::Specification> alive_when;
    probe::Liveness::Options liveness;
    std::optional<std::string> on_ready;
    std::optional<std::string> on_stopping;
    std::optional<std::string> on_dead;  ///< A command, or "kill".

    /// Whether the working directory may mean something to one of them.
    bool use_directory() const;
};

/// Throws cli::UsageError.
ProbeSettings read_probe_settings(const cli::Arguments& arguments);

}  // namespace notifybridge
