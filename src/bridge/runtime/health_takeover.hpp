#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/util/function_ref.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// The changes that make `wrap` run the container's health check instead of the manager.
struct HealthTakeover {
    /// More options of `wrap`, to put in front of its other options.
    std::vector<std::string> words;
    /// Whether the manager gets --no-healthcheck instead of its health options.
    bool switches_off = false;
    /// Warnings, one sentence each.
    std::vector<std::string> warnings;
};

/// Returns the options of `wrap` for the image's health check. Returns nothing if the image has no
/// check or the manager cannot be asked.
using ImageHealth = util::FunctionRef<std::vector<std::string>()>;

/// Decides how `wrap` takes over the health check, from the manager's command line and the options
/// of `wrap`. Calls `ask` for the image's check only if the manager is docker, because docker does
/// not store a check that is switched off. If the manager is podman, the runtime later finds the
/// check in the image.
HealthTakeover take_over_health_check(std::span<const std::string> command,
                                      const ManagerCommand& places,
                                      std::span<const std::string> wrap_options, ImageHealth ask);

}  // namespace notifybridge::runtime
