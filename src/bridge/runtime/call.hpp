#pragma once

#include <span>
#include <string>

namespace notifybridge::runtime {

/// A container manager's call of an OCI runtime, parsed as in crun(1) and runc(8). The command line
/// has global options, a verb, the verb's options, and the container's name.
struct Call {
    std::string verb;  ///< "create" or "kill", for example; empty if there is none.
    std::string bundle = ".";
    /// The name of the file in the bundle (crun's --config).
    std::string config_name = "config.json";
    std::string log;  ///< The file that gets errors in addition to standard error; may be empty.
    bool log_is_json = false;
    bool asks_help = false;  ///< Whether the verb's options ask for help or the version.

    /// Returns whether this call creates a container from the bundle's config.json.
    bool makes_container() const { return !asks_help && (verb == "create" || verb == "run"); }
};

/// Reads a command line. If an option occurs several times, the last one counts, as in crun and
/// runc. Ignores unknown options, which the real runtime handles.
Call parse_call(std::span<const std::string> arguments);

}  // namespace notifybridge::runtime
