#pragma once

#include <span>
#include <string>

namespace notifybridge::runtime {

/// The command line by which a container manager calls an OCI runtime, as crun(1) and runc(8) read
/// it: global options, a verb, the verb's options, the container's name.
struct Call {
    std::string verb;  ///< "create" or "kill", for example; empty if there is none.
    std::string bundle = ".";
    std::string config_name = "config.json";  ///< The file in the bundle (crun's --config).
    std::string log;  ///< A file for errors, besides standard error; may be empty.
    bool log_is_json = false;
    bool asks_help = false;  ///< Whether the verb's options ask for help or the version.

    /// Returns whether this call creates a container from the bundle's config.json.
    bool makes_container() const { return !asks_help && (verb == "create" || verb == "run"); }
};

/// Reads a command line. The last of several options with the same name counts, as in both
/// runtimes. Ignores unknown options: the real runtime handles them.
Call parse_call(std::span<const std::string> arguments);

}  // namespace notifybridge::runtime
