#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace notifybridge::runtime {

/// A command by which a container manager kills a container, even if it is paused.
struct KillCommand {
    std::vector<std::string>
        words;              ///< The words before the container, with the manager's global options.
    std::string container;  ///< The container's name; empty if only `cidfile` tells it.
    std::string cidfile;    ///< The file that the manager writes the container's id to.
};

/// Returns the command that kills the container which `command` creates. Returns nullopt if
/// `command` does not create one, or has neither --name nor --cidfile.
std::optional<KillCommand> kill_command(std::span<const std::string> command);

/// Returns the whole command line; reads the cidfile for it. Returns an empty list if that does not
/// name a container.
std::vector<std::string> words_of(const KillCommand& command);

}  // namespace notifybridge::runtime
