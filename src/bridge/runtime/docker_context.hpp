#pragma once

#include <string>
#include <string_view>

#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// Returns the address of the context `name`, or of the current context if `name` is empty. Reads
/// docker's files in `directory`. Returns an empty text for the default context of this machine,
/// and for a context that the files do not contain.
std::string address_of_context(const std::string& directory, std::string_view name);

/// Returns the directory of docker's files, without an option --config.
std::string docker_files(Variables variables);

/// Returns the address of the dockerd that docker uses, unless an option names another one. This is
/// DOCKER_HOST, or the address of the context. Returns an empty text for the machine's dockerd.
std::string docker_address(Variables variables);

/// Returns the path of the socket of the dockerd that `command` uses. Returns an empty text if
/// docker does not use a local socket.
std::string docker_socket(const ManagerCommand& command, Variables variables);

/// Returns whose dockerd has this address. In rootless mode, the socket is in the user's
/// $XDG_RUNTIME_DIR (https://docs.docker.com/engine/security/rootless/).
DockerOwner docker_owner(std::string_view address);

}  // namespace notifybridge::runtime
