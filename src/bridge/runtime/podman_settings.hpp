#pragma once

#include <string>
#include <string_view>

#include "bridge/runtime/manager_command.hpp"

/// podman's containers.conf (containers.conf(5)), as far as it is read here.
namespace notifybridge::runtime {

/// Sets `runtime` to what it is below [engine], a name or a path, where it is set there.
void read_settings(std::string_view text, std::string& runtime);

/// The runtime that podman takes without --runtime by the settings of the machine and, but for
/// root, of the user; empty where they do not say.
std::string podman_runtime(const Variables& variables);

}  // namespace notifybridge::runtime
