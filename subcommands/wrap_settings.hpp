#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cli/options.hpp"
#include "base/notify/address.hpp"
#include "bridge/relay/decision.hpp"
#include "bridge/wrap/intake.hpp"
#include "bridge/wrap/speaker.hpp"

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
    wrap::Speaker::Options probes;
    std::vector<std::string> command;
};

extern const cli::Usage wrap_usage;

/// What `wrap` is to find out, and to do, for a program that does not notify. Throws
/// cli::UsageError.
wrap::Speaker::Options read_probe_settings(const cli::Arguments& arguments);

/// Throws cli::UsageError.
WrapSettings read_wrap_settings(const cli::Arguments& arguments);

}  // namespace notifybridge
