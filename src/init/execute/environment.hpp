#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/util/time_span.hpp"
#include "init/execute/identity.hpp"
#include "init/unit/settings.hpp"
#include "init/unit/specifier.hpp"

/// The environment of a unit's processes (systemd.exec(5), ENVIRONMENT VARIABLES IN SPAWNED
/// PROCESSES).
namespace notifybridge::execute {

/// What a manager gives all its processes to begin with, sorted: PATH, and LANG and its sisters,
/// from the text of a locale.conf(5).
unit::Environment manager_environment(std::string_view locale_conf);

/// What all services are given (systemctl(1), set-environment): the manager's own variables come
/// first, then what was set, both sorted.
class ManagerEnvironment {
public:
    ManagerEnvironment(unit::Environment own) : own_(std::move(own)), all_(own_) {}

    operator const unit::Environment&() const { return all_; }
    void set(const std::vector<std::string>& assignments);
    /// A variable of the manager's own gets its own value back.
    void unset(const std::vector<std::string>& names);

private:
    void order(unit::Environment changed);

    unit::Environment own_;
    unit::Environment all_;
};

/// What one process is given, besides what the files of its unit say.
struct EnvironmentFacts {
    const unit::Facts& facts;          ///< For the directories of RUNTIME_DIRECTORY= and others.
    const unit::Environment& manager;  ///< `manager_environment`, and what was set at run time.
    const unit::Environment& process;  ///< NOTIFY_SOCKET=, MAINPID=, REMOTE_ADDR= and so on.
    const Identity& identity;
    /// Of the descriptors from 3 on: LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID.
    std::vector<std::string> fd_names = {};
    util::TimeSpan watchdog = util::TimeSpan::zero();  ///< Zero: none.
    std::string_view invocation_id = {};
    /// What the files of EnvironmentFile= say, where they were read before.
    const unit::Environment* files = nullptr;
};

/// Stands for the process's own pid in values that have it, until it is known; no UTF-8 has it.
inline constexpr std::string_view pid_placeholder = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

/// All variables, each once. In the order of what wins, least first: those of the manager, of the
/// process and of the user, PATH of ExecSearchPath=, PassEnvironment=, Environment=,
/// EnvironmentFile=; UnsetEnvironment= is last. Throws std::system_error for an EnvironmentFile=
/// that cannot be read.
unit::Environment make_environment(const unit::ExecSettings& exec, const EnvironmentFacts& given);

/// What EnvironmentFile= says, in order. Throws std::system_error for a file that cannot be read
/// and has no "-" in front.
unit::Environment read_environment_files(const std::vector<unit::EnvironmentFile>& files);

}  // namespace notifybridge::execute
