#pragma once

#include <string>
#include <string_view>

#include "base/util/function_ref.hpp"
#include "base/util/literal.hpp"

namespace notifybridge::runtime {

struct ManagerCommand;

/// An option before the verb, split into name and value.
struct GlobalOption {
    std::string_view name;
    std::string_view value;
};

/// Returns whether the option gives the address of the manager's service.
bool is_host(const GlobalOption& option);

/// Returns the value of the manager's environment variable `name`. Returns an empty text if it is
/// not set.
using Variables = util::FunctionRef<std::string(std::string_view name)>;

/// A container manager. What differs between managers is a member, as a value or as a function. The
/// table has one row for each manager. Words in lists are separated by spaces.
struct Manager {
    util::Literal name;

    // How its command line is read.

    util::Literal with_value;             ///< The global options whose value may be the next word.
    util::Literal flags;                  ///< The global options without a value.
    util::Literal remote_options = {};    ///< Global options that name another machine.
    util::Literal remote_variables = {};  ///< Environment variables that can name another machine.
    util::Literal context_variable = {};  ///< The variable that chooses a context of addresses.
    /// Reads the global options that only this manager has.
    void (*read_global)(ManagerCommand& places, const GlobalOption& option) = nullptr;

    // How its containers get `wrap`.

    util::Literal runtime;       ///< Our runtime, as used in --runtime and in a compose file.
    util::Literal real_runtime;  ///< The name of the runtime that it uses by default.
    /// Returns the name or the path of the runtime in its settings. Empty if there is none.
    std::string (*runtime_in_settings)(Variables) = nullptr;
    /// Whether our hook can add `wrap` if the user chooses the runtime. --runtime= is then a global
    /// option, and otherwise one of `run`.
    bool has_hooks = false;
    bool needs_setup = false;  ///< Whether the settings of its daemon must name our runtime.

    // The health check.

    /// Where its images are, with their health checks.
    enum class Images {
        storage,  ///< In podman's storage, whose files we read. They also list the containers.
        daemon,   ///< In a daemon, which answers questions about an image.
        unknown,
    };
    Images images = Images::unknown;
    /// Whether --health-cmd is always a command line for the shell, and 0 means the default in the
    /// other options. podman also reads arrays and "none", and does not read 0 as the default.
    bool has_plain_health = true;

    // What its client does.

    /// Whether there is no daemon. Each container has a monitor (conmon), which outlives the
    /// client. If one of `remote_variables` is set, there is a server instead.
    bool has_monitor = false;
    bool follows_restarts = false;  ///< Whether the client stays attached with --restart=.
    /// Whether its `run` has --sig-proxy and --cidfile.
    bool has_signal_proxy = true;
    /// Whether it tells the runtime nothing about --stop-signal.
    bool hides_stop_signal = false;
    bool has_ignore = false;   ///< Whether `rm` and `stop` have --ignore.
    bool has_replace = false;  ///< Whether `run` has --replace.
    /// Whether it creates a directory if the file to mount does not exist.
    bool creates_sources = false;
    /// The number of bytes that the client reads between two looks at least, if data of an image
    /// arrives. docker's client reads a few hundred bytes for each half megabyte, and nothing else.
    unsigned least_bytes = 100;
};

/// Returns the manager with the name of `program`, which may be a path. Returns nullptr for other
/// programs.
const Manager* find_manager(std::string_view program);

/// Returns whether `program` has the name of a known container manager.
bool is_manager(std::string_view program);

/// Returns the manager that `program` belongs to, such as "podman" for podman-compose. Returns an
/// empty view for other programs.
std::string_view manager_of_compose(std::string_view program);

/// Returns the name of our runtime for `manager`, as used in --runtime and in a compose file's
/// `runtime:`.
std::string_view runtime_name(std::string_view manager);

/// Returns "podman, docker or nerdctl".
std::string manager_names();

}  // namespace notifybridge::runtime
