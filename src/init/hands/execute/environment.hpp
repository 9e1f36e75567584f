#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/util/time_span.hpp"
#include "init/files/unit/settings.hpp"
#include "init/files/unit/specifier.hpp"
#include "init/hands/execute/identity.hpp"

/// Builds the environment of a unit's processes (systemd.exec(5), ENVIRONMENT VARIABLES IN SPAWNED
/// PROCESSES).
namespace notifybridge::execute {

/// Returns the initial environment of a manager's processes, sorted: PATH, LANG, and the locale
/// variables in `locale_conf`, the text of a locale.conf(5). LANG is C.UTF-8 if `locale_conf` does
/// not set it.
unit::Environment manager_environment(std::string_view locale_conf);

/// The data for the environment of one process. If `files` is null, `make_environment` also reads
/// the files of EnvironmentFile=.
struct EnvironmentFacts {
    /// The source of the directories for RUNTIME_DIRECTORY= and similar variables.
    const unit::Facts& facts;
    const unit::Environment& manager;  ///< The environment of all services.
    /// Variables such as NOTIFY_SOCKET=, MAINPID= and REMOTE_ADDR=.
    const unit::Environment& process;
    const Identity& identity;
    /// The names of the descriptors from 3 on, for LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID.
    std::vector<std::string> fd_names = {};
    util::TimeSpan watchdog = util::TimeSpan::zero();  ///< Zero if the watchdog is off.
    std::string_view invocation_id = {};
    /// The assignments in the files of EnvironmentFile=, or null if these were not read yet.
    const unit::Environment* files = nullptr;
};

/// A placeholder for the pid of a process that does not exist yet. The placeholder is not UTF-8, so
/// it does not occur in other text.
inline constexpr std::string_view pid_placeholder = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

/// Returns all variables. Each name occurs once. A later source overrides an earlier one: the
/// manager, the process, the user, PATH of ExecSearchPath=, PassEnvironment=, Environment=,
/// EnvironmentFile=.
///
/// UnsetEnvironment= is applied last. Throws std::system_error if an EnvironmentFile= cannot be
/// read.
unit::Environment make_environment(const unit::ExecSettings& exec, const EnvironmentFacts& given);

/// Returns the assignments in the files, in order. Throws std::system_error if a file cannot be
/// read, unless the unit has "-" before the file's path.
unit::Environment read_environment_files(const std::vector<unit::EnvironmentFile>& files);

}  // namespace notifybridge::execute
