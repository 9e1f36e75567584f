#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

/// podman's containers.conf (containers.conf(5)), as far as it is read here.
namespace notifybridge::runtime {

/// What is set below [engine].
struct PodmanSettings {
    std::string runtime;                        ///< A name or a path; empty if it is not set.
    std::vector<std::string> hook_directories;  ///< hooks_dir; empty if it is not set.
};

/// Sets in `settings` what `text` sets.
void read_settings(std::string_view text, PodmanSettings& settings);

/// Reads the settings of the machine and, but for root, of the user.
PodmanSettings read_podman_settings(const Variables& variables);

}  // namespace notifybridge::runtime
