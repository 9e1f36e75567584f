#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// The health check that a container manager's command line sets.
struct HealthOptions {
    std::vector<std::string> words;  ///< The corresponding options of `wrap`, in the same order.
    /// Whether the options include --health-cmd, the command to run.
    bool has_command = false;
    bool is_off = false;  ///< Whether the options switch the check off.
    /// Whether the manager itself acts on an unhealthy container (--health-on-failure).
    bool has_action = false;
    /// The names of options that have no counterpart in `wrap`.
    std::vector<std::string_view> ignored;
    /// The names of health options that we do not know, as views into the command line.
    std::vector<std::string_view> unknown;
};

/// Reads the options as podman 4.3 to 6, docker and nerdctl do. Includes podman's old names of
/// options. Does not check values.
HealthOptions read_health_options(std::span<const std::string> command,
                                  const ManagerCommand& places);

/// Returns the command line without the options about the health check, and without
/// --sdnotify=healthy. With that option, podman refuses a container whose check is switched off.
std::vector<std::string> without_health_options(std::span<const std::string> command,
                                                const ManagerCommand& places);

}  // namespace notifybridge::runtime
