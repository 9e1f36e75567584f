#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::runtime {

enum class Manager { podman, docker, nerdctl };

/// Returns whether `program` has the name of a container manager that we know.
bool is_manager(std::string_view program);

/// Returns the manager that `program` belongs to: "podman" for podman-compose. Returns an empty
/// view for other programs.
std::string_view manager_of_compose(std::string_view program);

/// Returns the name of our runtime for that manager, in --runtime and in `runtime:` of a compose
/// file.
std::string_view runtime_name(std::string_view manager);

/// Where to insert our words in a container manager's command line that creates a container, and
/// the options that we read.
struct ManagerCommand {
    Manager manager = Manager::podman;
    std::size_t global_end = 0;    ///< The index after the global options.
    std::size_t verb = 0;          ///< The index of "run" or "create".
    bool names_runtime = false;    ///< --runtime is given.
    bool is_detached = false;      ///< --detach is given.
    bool chooses_streams = false;  ///< --attach is given.
    std::string name;              ///< --name; empty if it is not given.
    std::string cidfile;           ///< --cidfile; empty if it is not given.
    std::string stop_signal;       ///< --stop-signal; empty if it is not given.
    /// --stop-timeout; nullopt if it is not given, or not a number of seconds.
    std::optional<std::chrono::microseconds> stop_timeout;
    std::string restart;  ///< --restart; empty if it is not given.
    std::string config;   ///< docker's --config.
    /// The name of docker's context, empty for the current one; nullopt if an address is given.
    std::optional<std::string> context;
};

/// Returns the value of the manager's environment variable `name`, or "" if it is not set.
using Variables = std::function<std::string(std::string_view name)>;

/// Reads the manager's name, its global options, and the options of "run" or "create" (also after
/// "container"). Throws Refusal for another program or verb, and for a client of another machine,
/// whose containers do not have our directory.
ManagerCommand read_manager_command(std::span<const std::string> command,
                                    const Variables& variables);

/// Does the same, but returns nullopt if the command is refused. Ignores variables that mean
/// another machine.
std::optional<ManagerCommand> find_manager_command(std::span<const std::string> command);

/// Returns the name of an option of `run` that follows the image directly, and so goes to the app;
/// empty if there is none. The app may have an option with that name.
std::string_view own_option_of_app(std::span<const std::string> command,
                                   const ManagerCommand& places);

/// Throws Refusal if docker's context is one of another machine, according to docker's files.
void check_context(const ManagerCommand& command, const Variables& variables);

/// The words to insert.
struct ManagerWords {
    std::vector<std::string> before_verb;  ///< Global options, right after the manager's name.
    std::vector<std::string> after_verb;
};

std::vector<std::string> put_in(std::span<const std::string> command, const ManagerCommand& places,
                                const ManagerWords& words);

}  // namespace notifybridge::runtime
