#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// The image that a container manager's command line runs.
struct ImageOfCommand {
    Manager manager = Manager::podman;
    std::string image;
    /// Asks the same manager for it: the exit status is 0 where it has the image, 1 where it has
    /// not, and another where it cannot tell.
    std::vector<std::string> question;
};

/// Nothing for another command than `run` or `create` of a container manager of this machine, and
/// for one that runs no image (--rootfs).
std::optional<ImageOfCommand> image_of_command(std::span<const std::string> command);

}  // namespace notifybridge::runtime
