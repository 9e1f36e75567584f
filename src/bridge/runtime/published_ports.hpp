#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

#include "bridge/runtime/find_health_check.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// Returns the TCP ports of the container that --publish in its command line names, as a list for
/// --published of `wrap`: "80,2000-2010". Returns an empty text if there are none, or if the
/// container has no network of its own (--network=host, none or container:NAME), so that managers
/// ignore --publish.
std::string published_ports(std::span<const std::string> command, const ManagerCommand& places);

/// Returns whether the container belongs to a pod (--pod), which publishes its ports.
bool is_in_pod(std::span<const std::string> command, const ManagerCommand& places);

/// Returns the TCP ports that the container of `config` publishes, in the same form. Reads podman's
/// command line, or docker's record of the container. If the container publishes all ports of its
/// image, or `wrap_options` have the probe `listen` and no port is published, returns the ports
/// that the image exposes. Returns an empty text if the ports are not known, or not needed with
/// these options.
std::string find_published_ports(const boost::json::object& config, std::string_view bundle,
                                 std::span<const std::string> wrap_options, const Podman& podman);

}  // namespace notifybridge::runtime
