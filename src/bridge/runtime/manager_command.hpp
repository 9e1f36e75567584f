#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/manager.hpp"
#include "bridge/runtime/run_options.hpp"

namespace notifybridge::runtime {

/// The positions in a container manager's command line at which to insert our words, and the values
/// of options that we read. The command line creates a container.
struct ManagerCommand {
    const Manager* manager = nullptr;
    std::size_t global_end = 0;          ///< The index of the first word after the global options.
    std::size_t verb = 0;                ///< The index of "run" or "create".
    std::optional<std::string> runtime;  ///< The value of --runtime; nullopt if it is not given.
    bool is_detached = false;            ///< Whether --detach is given.
    bool chooses_streams = false;        ///< Whether --attach is given.
    bool removes = false;                ///< Whether --rm is given.
    std::string name;                    ///< The value of --name; empty if it is not given.
    std::string cidfile;                 ///< The value of --cidfile; empty if it is not given.
    std::string stop_signal;             ///< The value of --stop-signal; empty if it is not given.
    /// The value of --stop-timeout; nullopt if it is not given, or not a number of seconds.
    std::optional<std::chrono::microseconds> stop_timeout;
    std::string root;         ///< The value of podman's --root.
    std::string image_store;  ///< The value of podman's --imagestore.
    std::string restart;      ///< The value of --restart; empty if it is not given.
    std::string config;       ///< The value of docker's --config.
    std::string host;         ///< The value of docker's --host.
    /// The options before the verb that we do not know, as views into the command line.
    std::vector<RunOption> unknown_globals;
    /// The name of docker's context, or an empty text for the current context. This is nullopt for
    /// other managers, and if an option or DOCKER_HOST gives an address.
    std::optional<std::string> context;
};

/// Reads the manager's name, its global options, and the options of "run" or "create" (or
/// "container run"). Throws Refusal for other programs and verbs. Also throws Refusal for a client
/// of another machine, because containers there do not have our directory.
ManagerCommand read_manager_command(std::span<const std::string> command, Variables variables);

/// Like `read_manager_command`, but returns nullopt instead of throwing Refusal. Ignores variables
/// that name another machine.
std::optional<ManagerCommand> find_manager_command(std::span<const std::string> command);

/// Like `find_manager_command`, but accepts every verb, and clients of another machine. `verb` is
/// the index of any verb, or the size of `command` if there is none. Reads the options of the verb
/// only if it is "run" or "create". Returns nullopt for other programs.
std::optional<ManagerCommand> split_manager_command(std::span<const std::string> command);

/// Returns whether `verb` is "run" or "create". `read_run_options` reads the options of these
/// verbs.
bool creates_container(std::string_view verb);

/// Returns the name of an option of `run` that directly follows the image. Returns an empty text if
/// there is none. The manager passes such an option to the app, which may have an option with the
/// same name.
std::string_view misplaced_option_of_run(std::span<const std::string> command,
                                         const ManagerCommand& places);

/// Throws Refusal if docker's files show that docker's context is on another machine.
void check_context(const ManagerCommand& command, Variables variables);

/// The words to insert.
struct ManagerWords {
    std::vector<std::string> before_verb;  ///< Global options, to insert after the manager's name.
    std::vector<std::string> after_verb;
};

std::vector<std::string> put_in(std::span<const std::string> command, const ManagerCommand& places,
                                const ManagerWords& words);

}  // namespace notifybridge::runtime
