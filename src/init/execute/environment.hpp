#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/util/time_span.hpp"
#include "init/execute/identity.hpp"
#include "init/unit/settings.hpp"
#include "init/unit/specifier.hpp"

/// Builds the environment of a unit's processes (systemd.exec(5), ENVIRONMENT VARIABLES IN SPAWNED
/// PROCESSES).
namespace notifybridge::execute {

/// Returns the initial environment of a manager's processes, sorted: PATH, and the variables in
/// `locale_conf`, the text of a locale.conf(5).
unit::Environment manager_environment(std::string_view locale_conf);

/// The environment of all services (systemctl(1), set-environment). First come the manager's own
/// variables, and then those that users have set. Both are sorted.
class ManagerEnvironment {
public:
    ManagerEnvironment(unit::Environment own) : own_(std::move(own)), all_(own_) {}

    operator const unit::Environment&() const { return all_; }
    /// Returns the manager's own variables only.
    const unit::Environment& own() const { return own_; }
    void set(const std::vector<std::string>& assignments);
    /// Removes variables. A variable of the manager gets its initial value back.
    void unset(const std::vector<std::string>& names);

private:
    void order(unit::Environment changed);

    unit::Environment own_;
    unit::Environment all_;
};

/// Holds what the environment of one process is made from, except the files that its unit names.
struct EnvironmentFacts {
    const unit::Facts& facts;          ///< For the directories of RUNTIME_DIRECTORY= and others.
    const unit::Environment& manager;  ///< The environment of all services.
    const unit::Environment& process;  ///< NOTIFY_SOCKET=, MAINPID=, REMOTE_ADDR= and so on.
    const Identity& identity;
    /// Names of the descriptors from 3 on: LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID.
    std::vector<std::string> fd_names = {};
    util::TimeSpan watchdog = util::TimeSpan::zero();  ///< Zero if there is no watchdog.
    std::string_view invocation_id = {};
    /// The assignments in the EnvironmentFile= files, if we have read them already.
    const unit::Environment* files = nullptr;
};

/// Stands for the pid of the process until the pid is known. Cannot occur in UTF-8.
inline constexpr std::string_view pid_placeholder = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

/// Returns all variables, each once. A later source overrides an earlier one: the manager, the
/// process, the user, PATH of ExecSearchPath=, PassEnvironment=, Environment=, EnvironmentFile=.
///
/// UnsetEnvironment= is applied last. Throws std::system_error if an EnvironmentFile= cannot be
/// read.
unit::Environment make_environment(const unit::ExecSettings& exec, const EnvironmentFacts& given);

/// Returns the assignments in the files, in order. Throws std::system_error if a file cannot be
/// read, unless it has "-" in front.
unit::Environment read_environment_files(const std::vector<unit::EnvironmentFile>& files);

}  // namespace notifybridge::execute
