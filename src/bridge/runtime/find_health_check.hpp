#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/ask_manager.hpp"

namespace notifybridge::runtime {

/// The ways to podman.
struct Podman {
    /// Returns the command line of the podman that is creating the container, or nothing.
    std::function<std::vector<std::string>()> command_line;
    /// Runs podman with these words; see ask_manager().
    std::function<ManagerAnswer(std::vector<std::string> words)> ask;
};

/// Returns the options of `wrap` for the health check that docker or podman would run in the
/// container of `config`: its image's, with what the manager's command line or compose file
/// changes. Returns nothing if there is none, if `wrap_options` have a check already or use none,
/// or if the manager is another one. Reads files of docker and podman, and asks podman only for an
/// image that is in another storage than the container. Throws Refusal if the check
/// cannot be found out; the container can start without it.
std::vector<std::string> find_health_check(const boost::json::object& config,
                                           std::string_view bundle,
                                           std::span<const std::string> wrap_options,
                                           const Podman& podman);

}  // namespace notifybridge::runtime
