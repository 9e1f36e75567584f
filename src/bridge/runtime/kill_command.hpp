#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace notifybridge::runtime {

/// A container manager's command that kills a container, even if the container is paused.
struct KillCommand {
    /// The words before the container's name, including the manager's global options.
    std::vector<std::string> words;
    std::string container;  ///< The container's name; empty if only `cidfile` has its id.
    std::string cidfile;    ///< The file to which the manager writes the container's id.
};

/// Returns the command that kills the container that `command` creates. Returns nullopt if
/// `command` does not create a container, or has neither --name nor --cidfile.
std::optional<KillCommand> kill_command(std::span<const std::string> command);

/// Returns the complete command line. If necessary, reads the container's id from the cidfile.
/// Returns an empty list if that file does not contain an id.
std::vector<std::string> words_of(const KillCommand& command);

}  // namespace notifybridge::runtime
