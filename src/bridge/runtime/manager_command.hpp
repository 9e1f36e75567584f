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

/// Whether `program` is a container manager that is known here, by its name.
bool is_manager(std::string_view program);

/// What `program` is the `compose` of, as podman-compose is of "podman"; empty where of none.
std::string_view manager_of_compose(std::string_view program);

/// What that manager calls our runtime, by --runtime and by `runtime:` in a compose file.
std::string_view runtime_name(std::string_view manager);

/// The command line of a container manager that makes a container: where words of ours go. Nothing
/// else of it is looked at.
struct ManagerCommand {
    Manager manager = Manager::podman;
    std::size_t global_end = 0;    ///< Behind its global options.
    std::size_t verb = 0;          ///< Where "run" or "create" stands.
    bool names_runtime = false;    ///< --runtime is among its options.
    bool is_detached = false;      ///< --detach is.
    bool chooses_streams = false;  ///< --attach is.
    std::string name;              ///< --name; empty if it is not given.
    std::string cidfile;           ///< --cidfile; empty if it is not given.
    std::string stop_signal;       ///< --stop-signal; empty if it is not given.
    /// --stop-timeout; nullopt if it is not given, or not a number of seconds.
    std::optional<std::chrono::microseconds> stop_timeout;
    std::string restart;  ///< --restart, when the manager itself starts it again.
    std::string config;   ///< docker's --config.
    /// The name of docker's context, empty for the one in use; nothing where an address is given.
    std::optional<std::string> context;
};

/// The value of an environment variable of the manager; "" where it has none.
using Variables = std::function<std::string(std::string_view name)>;

/// Finds the manager's name, its global options and "run" or "create" (also after "container").
/// Throws Refusal for another program, another verb, and for a client of another machine, whose
/// containers do not have our directory.
ManagerCommand read_manager_command(std::span<const std::string> command,
                                    const Variables& variables);

/// The same; nullopt if that is refused. Variables that lead to another machine are not looked at.
std::optional<ManagerCommand> find_manager_command(std::span<const std::string> command);

/// Throws Refusal where docker's context, as docker's files have it, is one of another machine.
void check_context(const ManagerCommand& command, const Variables& variables);

/// What is put in.
struct ManagerWords {
    std::vector<std::string> before_verb;  ///< Global options, right after the manager's name.
    std::vector<std::string> after_verb;
};

std::vector<std::string> put_in(std::span<const std::string> command, const ManagerCommand& places,
                                const ManagerWords& words);

}  // namespace notifybridge::runtime
