#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// The image that a container manager's command line runs, and the command that asks whether the
/// manager has this image.
struct ImageOfCommand {
    Manager manager = Manager::podman;
    std::string image;
    /// A command that asks the manager for the image. The command exits with 0 if the manager has
    /// the image, with 1 if not, and with another status if the manager cannot answer.
    std::vector<std::string> question;
};

/// Finds the image of a command line. Returns nullopt unless the command line is `run` or `create`
/// of a container manager of this machine. Also returns nullopt if a directory replaces the image
/// (--rootfs).
std::optional<ImageOfCommand> image_of_command(std::span<const std::string> command);

}  // namespace notifybridge::runtime
