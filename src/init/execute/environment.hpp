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

/// Returns the initial environment of all processes of a manager, sorted: PATH, and LANG and other
/// locale variables from the text of a locale.conf(5).
unit::Environment manager_environment(std::string_view locale_conf);

/// The environment of all services (systemctl(1), set-environment). The manager's own variables
/// come first, then those that were set; both are sorted.
class ManagerEnvironment {
public:
    ManagerEnvironment(unit::Environment own) : own_(std::move(own)), all_(own_) {}

    operator const unit::Environment&() const { return all_; }
    void set(const std::vector<std::string>& assignments);
    /// Removes variables. A variable of the manager's own gets its initial value back.
    void unset(const std::vector<std::string>& names);

private:
    void order(unit::Environment changed);

    unit::Environment own_;
    unit::Environment all_;
};

/// The environment of one process, apart from the files that its unit names.
struct EnvironmentFacts {
    const unit::Facts& facts;          ///< For the directories of RUNTIME_DIRECTORY= and others.
    const unit::Environment& manager;  ///< `manager_environment`, and what was set at run time.
    const unit::Environment& process;  ///< NOTIFY_SOCKET=, MAINPID=, REMOTE_ADDR= and so on.
    const Identity& identity;
    /// Names of the descriptors from 3 on: LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID.
    std::vector<std::string> fd_names = {};
    util::TimeSpan watchdog = util::TimeSpan::zero();  ///< Zero: none.
    std::string_view invocation_id = {};
    /// The content of the EnvironmentFile= files, if they have been read already.
    const unit::Environment* files = nullptr;
};

/// Stands for the pid of the process until it is known. It cannot occur in UTF-8.
inline constexpr std::string_view pid_placeholder = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

/// Returns all variables, each once. Later sources override earlier ones: the manager, the process,
/// the user, PATH of ExecSearchPath=, PassEnvironment=, Environment=, EnvironmentFile=.
/// UnsetEnvironment= is applied last. Throws std::system_error if an EnvironmentFile= cannot be
/// read.
unit::Environment make_environment(const unit::ExecSettings& exec, const EnvironmentFacts& given);

/// Returns the assignments of the files in order. Throws std::system_error if a file without "-" in
/// front cannot be read.
unit::Environment read_environment_files(const std::vector<unit::EnvironmentFile>& files);

}  // namespace notifybridge::execute
