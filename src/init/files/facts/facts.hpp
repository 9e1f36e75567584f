#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "init/files/unit/specifier.hpp"

namespace notifybridge::facts {

/// The sources of facts about a machine and a manager.
struct FactSources {
    /// Returns the text of a file, or nullopt if it cannot be read.
    std::function<std::optional<std::string>(const char* path)> read_file;
    /// Returns a variable of the manager's environment, or null if it is not set.
    std::function<const char*(const char* name)> variable;
    uid_t user = 0;
    gid_t group = 0;
    std::string host_name;
    std::string kernel_release;
    std::string machine;  ///< The machine's name in uname(2), such as "x86_64".
};

/// Returns the sources of this process and its machine.
FactSources own_fact_sources();

/// Returns the directory for sockets of the user's manager. For root, the directory is /run. For
/// other users, it is $XDG_RUNTIME_DIR, or /run/user/UID if this variable is not set.
std::string runtime_directory(const FactSources& sources = own_fact_sources());

/// Returns the values of specifiers (systemd.unit(5), SPECIFIERS). For root, returns the
/// directories of a system manager. For other users, returns those of a user manager, which depend
/// on $XDG_RUNTIME_DIR, $XDG_CONFIG_HOME, $XDG_DATA_HOME and $XDG_CACHE_HOME.
unit::Facts gather_facts(const FactSources& sources = own_fact_sources());

}  // namespace notifybridge::facts
