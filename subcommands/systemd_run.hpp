#pragma once

#include <optional>

#include "base/cli/dispatch.hpp"

namespace notifybridge {

/// Runs as systemd-run(1) if our executable has this name: starts a command as a service of `init`,
/// at once or by a timer. Returns the exit status, or nullopt if we have another name.
std::optional<int> run_systemd_run(const cli::Invocation& invocation);

}  // namespace notifybridge
