#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "init/unit/specifier.hpp"

namespace notifybridge::facts {

/// Where the facts about a machine and a manager come from.
struct FactSources {
    /// The text of a file; nothing where it cannot be read.
    std::function<std::optional<std::string>(const char* path)> read_file;
    /// A variable of the manager's environment; null where it is not set.
    std::function<const char*(const char* name)> variable;
    uid_t user = 0;
    gid_t group = 0;
    std::string host_name;
    std::string kernel_release;
    std::string machine;  ///< uname(2)'s: "x86_64".
};

/// This process, and the machine it runs on.
FactSources own_fact_sources();

/// Where sockets are: /run of root, and of others $XDG_RUNTIME_DIR or /run/user/UID.
std::string runtime_directory(const FactSources& sources = own_fact_sources());

/// What specifiers stand for (systemd.unit(5), SPECIFIERS). The directories are those of a system's
/// manager where `sources` is of root, and else those of a user's, as $XDG_RUNTIME_DIR,
/// $XDG_CONFIG_HOME and $XDG_CACHE_HOME say.
unit::Facts gather_facts(const FactSources& sources = own_fact_sources());

}  // namespace notifybridge::facts
