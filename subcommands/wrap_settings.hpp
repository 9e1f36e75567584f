#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cli/options.hpp"
#include "base/notify/address.hpp"
#include "bridge/relay/policy.hpp"
#include "bridge/relay/reasons.hpp"
#include "bridge/wrap/intake.hpp"
#include "probe_settings.hpp"

namespace notifybridge {

/// What `wrap` was told to do, by its options and by the environment.
struct WrapSettings {
    std::optional<std::string> shared_directory;  ///< Nothing: straight to `manager`.
    std::optional<notify::Address> manager;
    mode_t socket_mode = 0600;
    std::chrono::microseconds kill_after = std::chrono::seconds(5);
    wrap::Intake::Options intake;
    relay::Policy policy;
    std::unique_ptr<relay::Reasons> reasons;
    ProbeSettings probes;
    std::vector<std::string> command;
};

extern const cli::Usage wrap_usage;

/// Throws cli::UsageError.
WrapSettings read_wrap_settings(const cli::Arguments& arguments);

}  // namespace notifybridge
