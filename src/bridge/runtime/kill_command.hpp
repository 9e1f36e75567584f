#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::runtime {

/// How a container manager is asked to kill a container, even if the container is paused.
/// The manager gets only the container's full id: it takes a name such as "b0" for the beginning of
/// the id of another container if no container has this name.
struct KillCommand {
    /// The manager and its global options.
    std::vector<std::string> manager;
    std::string name;      ///< The container's name; empty if there is none.
    std::string cidfile;   ///< The file to which the manager writes the container's id.
    bool removes = false;  ///< Whether the manager removes the container after its end (--rm).
    /// Whether the manager's `rm` and `stop` have --ignore, for a container that does not exist.
    bool has_ignore = false;

    bool operator==(const KillCommand&) const = default;
};

/// Returns how to kill the container that `command` creates. Returns nullopt if `command` does not
/// create a container, or has neither --name nor --cidfile.
std::optional<KillCommand> kill_command(std::span<const std::string> command);

/// Returns the id in the cidfile. Returns an empty text if that file does not contain a full id.
std::string id_in_cidfile(const std::string& cidfile);

/// Returns the command line that lists the ids and names of all containers.
std::vector<std::string> words_of_list(const KillCommand& command);

/// Returns the full id of the container with exactly this name in such a list. Returns an empty
/// text if the list does not contain this name.
std::string id_in_list(std::string_view list, std::string_view name);

}  // namespace notifybridge::runtime
