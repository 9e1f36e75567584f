#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// The changes by which `wrap` runs the container's health check instead of the manager.
struct HealthTakeover {
    std::vector<std::string> words;  ///< More options of `wrap`; its own ones follow them.
    /// Whether the manager gets --no-healthcheck in the place of its health options.
    bool switches_off = false;
    /// Warnings, one sentence each.
    std::vector<std::string> warnings;
};

/// Returns the options of `wrap` for the image's health check, or nothing if it has none or cannot
/// be asked for.
using ImageHealth = std::function<std::vector<std::string>()>;

/// Decides from the manager's command line and the options of `wrap`. Asks for the image only if it
/// has to be known before the container is created: docker keeps no health check that is switched
/// off, while podman's runtime finds it at the image.
HealthTakeover take_over_health_check(std::span<const std::string> command,
                                      const ManagerCommand& places,
                                      std::span<const std::string> wrap_options,
                                      const ImageHealth& ask);

}  // namespace notifybridge::runtime
