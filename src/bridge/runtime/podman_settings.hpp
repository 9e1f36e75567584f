#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

/// Reads podman's containers.conf (containers.conf(5)), as far as we need it.
namespace notifybridge::runtime {

/// The settings in section [engine].
struct PodmanSettings {
    std::string runtime;                        ///< A name or a path; empty if it is not set.
    std::vector<std::string> hook_directories;  ///< hooks_dir; empty if it is not set.
};

/// Reads the settings in `text` into `settings`.
void read_settings(std::string_view text, PodmanSettings& settings);

/// Reads the settings of the machine, and for other users than root also the user's settings.
PodmanSettings read_podman_settings(const Variables& variables);

}  // namespace notifybridge::runtime
