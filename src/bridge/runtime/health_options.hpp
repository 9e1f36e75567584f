#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// The health check in a container manager's command line.
struct HealthOptions {
    std::vector<std::string> words;  ///< The same as options of `wrap`, in the same order.
    bool has_command = false;        ///< Whether it says what to run: --health-cmd.
    bool is_off = false;             ///< The options switch the check off.
    /// The manager itself acts if a container is unhealthy: --health-on-failure.
    bool has_action = false;
    /// Names of options without a counterpart in `wrap`.
    std::vector<std::string_view> ignored;
};

/// Reads the options, as podman 4.3 to 6, docker and nerdctl have them, with podman's old names.
/// Values are not checked.
HealthOptions read_health_options(std::span<const std::string> command,
                                  const ManagerCommand& places);

/// Returns the command without these options.
std::vector<std::string> without_health_options(std::span<const std::string> command,
                                                const ManagerCommand& places);

}  // namespace notifybridge::runtime
