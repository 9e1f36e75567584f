#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/ask_manager.hpp"

namespace notifybridge::runtime {

/// Functions that find podman and ask it.
struct Podman {
    /// Returns the command line of the podman that is creating the container. Returns an empty list
    /// if podman is not found.
    std::function<std::vector<std::string>()> command_line;
    /// Runs podman with `words`; see ask_manager().
    std::function<ManagerAnswer(std::vector<std::string> words)> ask;
};

/// Returns the options of `wrap` for the health check that docker or podman would run in the
/// container of `config`. This is the image's check, as changed by the manager's command line or
/// the compose file. Returns nothing if there is no check, or if the manager is neither docker nor
/// podman. Also returns nothing if `wrap_options` have their own check or switch checks off. Reads
/// files of docker and podman. Asks podman only for an image that is not in the storage of the
/// container. Throws Refusal if the check cannot be determined; the container can start without it.
std::vector<std::string> find_health_check(const boost::json::object& config,
                                           std::string_view bundle,
                                           std::span<const std::string> wrap_options,
                                           const Podman& podman);

}  // namespace notifybridge::runtime
