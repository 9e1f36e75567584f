#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

/// Reads the settings that we need from podman's containers.conf (containers.conf(5)).
namespace notifybridge::runtime {

/// The settings in section [engine].
struct PodmanSettings {
    std::string runtime;                        ///< A name or a path; empty if it is not set.
    std::vector<std::string> hook_directories;  ///< The values of hooks_dir; may be empty.
};

/// Reads the settings in `text` into `settings`.
void read_settings(std::string_view text, PodmanSettings& settings);

/// Reads the settings of the machine and, unless we are root, those of the user. If CONTAINERS_CONF
/// is set, reads only that file.
PodmanSettings read_podman_settings(Variables variables);

}  // namespace notifybridge::runtime
