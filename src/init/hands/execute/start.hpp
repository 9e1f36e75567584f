#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/signals.hpp"
#include "base/process/clone.hpp"
#include "base/system/mounts.hpp"
#include "init/files/unit/command.hpp"
#include "init/files/unit/settings.hpp"
#include "init/hands/execute/environment.hpp"
#include "init/hands/execute/mark.hpp"
#include "init/hands/execute/step.hpp"
#include "init/hands/execute/streams.hpp"

namespace notifybridge::execute {

/// A process to start. All referenced objects must outlive the call of `start`.
struct StartRequest {
    const unit::ExecSettings& exec;
    const unit::Command& command;
    const unit::Facts& facts;
    const unit::Environment& manager_environment;
    /// Variables for this process, such as NOTIFY_SOCKET=, MAINPID=, PIDFILE= and REMOTE_ADDR=.
    unit::Environment environment = {};
    /// The descriptors for LISTEN_FDS: first the sockets, and then the descriptor store.
    std::vector<NamedFd> fds = {};
    bool non_blocking = false;      ///< The value of NonBlocking=.
    system::Fd socket = {};         ///< For StandardInput=socket and similar settings.
    system::Fd log = {};            ///< The target of standard output if it goes to the journal.
    system::Fd cgroup = {};         ///< The directory of the unit's control group, if it has one.
    std::optional<Mark> mark = {};  ///< nullopt if this manager marks no processes.
    system::Fd idle = {};           ///< Becomes readable when the program may start (Type=idle).
    /// Whether an access to a path in the unit may block for ever. If so, only the process itself
    /// accesses such paths, and not the manager.
    bool may_hang = false;
    bool environment_files_may_hang = false;  ///< Whether an EnvironmentFile= may block for ever.
    bool applies_permissions = true;          ///< Whether User= and Group= apply.
    bool applies_terminal = true;  ///< If false, "tty" as standard input becomes /dev/null.
    bool applies_root = true;      ///< Whether RootDirectory= applies.
    DynamicIds dynamic = {};       ///< The ids from DynamicUser=.
    util::TimeSpan watchdog = util::TimeSpan::zero();
    std::string_view invocation_id = {};
    /// The signals that the program must not ignore. The caller can pass a stored value, because
    /// the default takes a system call for each signal.
    sigset_t ignored_signals = event::ignored_signals();
};

struct Started {
    process::Child child;
    /// The step that failed before the program was executed. The process ends with that step's
    /// status.
    Failure failure;
    /// Whether the process ends with status 0 instead of the failed step's status. This happens if
    /// the command has the prefix "-" and its program is missing.
    bool is_ignored = false;
    /// If the process prepares itself, it writes its StartReport to this descriptor.
    system::UniqueFd report;
};

/// Sets `may_hang` if an access to a path in the unit may block for ever. Sets
/// `environment_files_may_hang` if this is true for the path of an EnvironmentFile=.
void find_slow_mounts(StartRequest& request, system::Mounts& mounts);

/// Starts the process in a new session. Throws std::system_error if the process cannot be created.
/// Also throws if an EnvironmentFile= is missing, or if the descriptor for "socket" or "fd:NAME" is
/// missing. In these cases, systemd creates no process either.
///
/// The preparation may block, for example while it waits for a terminal, a FIFO or jobs. It may
/// also take long, for example if directories have much content. In these cases, the process
/// prepares itself in a copy of our memory. In all other cases, we prepare the process, which is
/// faster.
Started start(const StartRequest& request);

/// Returns the file that a command with this path executes. Sets `error` if no such executable file
/// exists. Searches for a plain name in `search_path` (ExecSearchPath=). If `search_path` is
/// empty, searches in `system::default_search_path`.
std::string find_program(const std::string& path, const unit::Paths& search_path, int& error);

}  // namespace notifybridge::execute
