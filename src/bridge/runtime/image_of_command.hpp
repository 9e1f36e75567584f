#pragma once

#include <optional>
#include <span>
#include <string>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// The image that a container manager's command line runs.
struct ImageOfCommand {
    ManagerCommand command;
    std::string image;
};

/// Finds the image of a command line. Returns nullopt unless the command line is `run` or `create`
/// of a container manager of this machine. Also returns nullopt if a directory replaces the image
/// (--rootfs).
std::optional<ImageOfCommand> image_of_command(std::span<const std::string> command);

}  // namespace notifybridge::runtime
