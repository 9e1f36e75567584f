#pragma once

#include <span>
#include <string>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// Returns the TCP ports of the container that --publish in its command line names, as a list for
/// --published of `wrap`: "80,2000-2010". Returns an empty text if there are none, or if the
/// container has no network of its own (--network=host, none or container:NAME), so that managers
/// ignore --publish.
std::string published_ports(std::span<const std::string> command, const ManagerCommand& places);

/// Returns whether the container belongs to a pod (--pod), which publishes its ports.
bool is_in_pod(std::span<const std::string> command, const ManagerCommand& places);

}  // namespace notifybridge::runtime
