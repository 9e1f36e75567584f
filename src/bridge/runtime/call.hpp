#pragma once

#include <span>
#include <string>

namespace notifybridge::runtime {

/// What a container manager calls an OCI runtime with, as crun(1) and runc(8) read it: global
/// options, a verb, its own options, a container's name.
struct Call {
    std::string verb;  ///< "create", "kill"; empty where there is none.
    std::string bundle = ".";
    std::string config_name = "config.json";  ///< In the bundle (crun's --config).
    std::string log;                          ///< Where errors go beside standard error; or empty.
    bool log_is_json = false;
    bool asks_help = false;  ///< Whether the verb's options ask for help or the version.

    /// Whether it makes a container of the bundle's config.json.
    bool makes_container() const { return !asks_help && (verb == "create" || verb == "run"); }
};

/// Where an option is given more than once, the last counts, as with both runtimes. What it does
/// not know it leaves to the real runtime.
Call parse_call(std::span<const std::string> arguments);

}  // namespace notifybridge::runtime
