#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/ask_manager.hpp"

namespace notifybridge::runtime {

/// Functions that find podman and run its commands.
struct Podman {
    /// Returns the command line of the podman that is creating the container. Returns an empty list
    /// if podman is not found.
    std::function<std::vector<std::string>()> command_line;
    /// Runs podman with `words`; see ask_manager().
    std::function<ManagerAnswer(std::vector<std::string> words)> ask;
};

/// The health check that a container manager would run.
struct HealthCheck {
    std::vector<std::string> words;  ///< The options of `wrap`; empty if there is no check.
    /// The reason why podman's own health options for the container are unknown. In this case,
    /// `words` describe the image's check. Empty if the options are known.
    std::string unknown;
};

/// Returns the health check that docker or podman would run in the container of `config`. This is
/// the image's check, as changed by the manager's command line or the compose file. Returns no
/// check if there is none, or if the manager is neither docker nor podman. Also returns no check if
/// `wrap_options` contain a check or switch checks off. Reads files of docker and podman. If a
/// command such as `podman start` starts the container, asks podman for the command line that
/// created the container. If the image is not in the storage of the container, asks podman for the
/// image's check. Throws Refusal if the check cannot be determined. The container can still start
/// without a check.
HealthCheck find_health_check(const boost::json::object& config, std::string_view bundle,
                              std::span<const std::string> wrap_options, const Podman& podman);

/// Returns a sentence that tells the user why the settings of this check are unknown. `unknown` of
/// the check must not be empty.
std::string describe_unknown(const HealthCheck& check);

}  // namespace notifybridge::runtime
