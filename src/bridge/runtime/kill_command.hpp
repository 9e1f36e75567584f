#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace notifybridge::runtime {

/// Has a container manager kill a container, also one that is paused.
struct KillCommand {
    std::vector<std::string> words;  ///< Up to the container, with the manager's global options.
    std::string container;           ///< Its name; empty if only `cidfile` tells it.
    std::string cidfile;             ///< The manager writes the container's id there.
};

/// Returns how to kill the container that `command` makes; nullopt for another command, and if it
/// has neither --name nor --cidfile.
std::optional<KillCommand> kill_command(std::span<const std::string> command);

/// Returns the whole command line, for which the cidfile is read now; empty if that does not tell
/// the container.
std::vector<std::string> words_of(const KillCommand& command);

}  // namespace notifybridge::runtime
