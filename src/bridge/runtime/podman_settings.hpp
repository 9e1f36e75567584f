#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

/// Reads the settings that we need from podman's containers.conf (containers.conf(5)).
namespace notifybridge::runtime {

/// The settings in sections [engine] and [engine.runtimes].
struct PodmanSettings {
    std::string runtime;                        ///< A name or a path; empty if it is not set.
    std::vector<std::string> hook_directories;  ///< The values of hooks_dir; may be empty.
    /// The paths of each runtime that [engine.runtimes] names.
    std::map<std::string, std::vector<std::string>, std::less<>> runtimes;
};

/// Reads the settings in `text` into `settings`.
void read_settings(std::string_view text, PodmanSettings& settings);

/// Reads the settings of the machine and, unless root runs podman, those of the user. If
/// CONTAINERS_CONF is set, reads that file instead. Reads the file in CONTAINERS_CONF_OVERRIDE
/// last.
PodmanSettings read_podman_settings(Variables variables);

/// Returns the paths where podman looks for the runtime `name`: those in `settings`, or else the
/// usual paths.
std::vector<std::string> runtime_paths(const PodmanSettings& settings, std::string_view name);

}  // namespace notifybridge::runtime
