#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/signals.hpp"
#include "base/process/clone.hpp"
#include "base/system/mounts.hpp"
#include "init/execute/environment.hpp"
#include "init/execute/mark.hpp"
#include "init/execute/step.hpp"
#include "init/execute/streams.hpp"
#include "init/unit/command.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::execute {

/// A process to start and its surroundings. All referenced objects outlive the call.
struct StartRequest {
    const unit::ExecSettings& exec;
    const unit::Command& command;
    const unit::Facts& facts;
    const unit::Environment& manager_environment;
    /// Variables for this process: NOTIFY_SOCKET=, MAINPID=, PIDFILE=, REMOTE_ADDR= and so on.
    unit::Environment environment = {};
    /// LISTEN_FDS: first the sockets, then the content of the descriptor store.
    std::vector<NamedFd> fds = {};
    bool non_blocking = false;      ///< NonBlocking=
    system::Fd socket = {};         ///< For StandardInput=socket and similar settings.
    system::Fd log = {};            ///< The target of standard output that goes to the journal.
    system::Fd cgroup = {};         ///< The directory of the unit's control group, if it has one.
    std::optional<Mark> mark = {};  ///< The mark of the unit's processes, if they get one.
    system::Fd idle = {};           ///< See Launch.
    /// A path in the unit may block for ever, so only the process itself accesses it.
    bool may_hang = false;
    bool environment_files_may_hang = false;  ///< The same for environment files.
    bool applies_permissions = true;          ///< See unit_types::ProcessRequest.
    bool applies_terminal = true;             ///< Whether an input of "tty" applies.
    bool applies_root = true;                 ///< Whether RootDirectory= applies.
    DynamicIds dynamic = {};                  ///< The ids from DynamicUser=.
    util::TimeSpan watchdog = util::TimeSpan::zero();
    std::string_view invocation_id = {};
    /// The program does not ignore them. They are cached: each query takes a system call.
    sigset_t ignored_signals = event::ignored_signals();
};

struct Started {
    process::Child child;
    /// The step that failed before the program was executed; the process ends with its status.
    Failure failure;
    bool is_ignored = false;  ///< It ends with status 0 nevertheless: "-", and a missing program.
    /// If the process prepares itself, its StartReport is read here.
    system::UniqueFd report;
};

/// Sets `may_hang` if a path in the unit may block for ever, and `environment_files_may_hang` if an
/// EnvironmentFile= may.
void look_for_slow_mounts(StartRequest& request, system::Mounts& mounts);

/// Starts the process in its own session. The process prepares itself in a copy of our memory if
/// that may hang, wait (a terminal, a FIFO, jobs) or take long (directories with their content).
/// Otherwise we prepare it, which is faster. Throws std::system_error if the process cannot be
/// created, or if systemd would not create it: an EnvironmentFile= is missing, or there is no
/// socket for StandardInput=socket.
Started start(const StartRequest& request);

/// Returns the file that a command with this path runs, or sets `error` if none is executable.
/// Looks up names in ExecSearchPath=, or else in `system::default_search_path`.
std::string find_program(const std::string& path, const unit::Paths& search_path, int& error);

}  // namespace notifybridge::execute
