#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/event/signals.hpp"
#include "base/process/clone.hpp"
#include "base/system/mounts.hpp"
#include "init/execute/environment.hpp"
#include "init/execute/step.hpp"
#include "init/execute/streams.hpp"
#include "init/unit/command.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::execute {

/// A process that is to be started, and what it is given. All that is referred to outlives the
/// call.
struct StartRequest {
    const unit::ExecSettings& exec;
    const unit::Command& command;
    const unit::Facts& facts;
    const unit::Environment& manager_environment;
    /// Of this process: NOTIFY_SOCKET=, MAINPID=, PIDFILE=, REMOTE_ADDR= and so on.
    unit::Environment environment = {};
    /// LISTEN_FDS: the sockets, then what the descriptor store has.
    std::vector<NamedFd> fds = {};
    bool non_blocking = false;  ///< NonBlocking=
    system::Fd socket = {};     ///< For StandardInput=socket and the like.
    system::Fd log = {};        ///< Where standard output goes that is for the journal.
    system::Fd cgroup = {};     ///< The directory of the unit's control group, if it has one.
    system::Fd idle = {};       ///< See Launch.
    /// A path that the unit names may hang for ever: the process itself looks at it.
    bool may_hang = false;
    bool environment_files_may_hang = false;  ///< These too.
    bool applies_permissions = true;          ///< See unit_types::ProcessRequest.
    bool applies_terminal = true;             ///< An input of "tty" is one.
    bool applies_root = true;                 ///< RootDirectory= is one.
    DynamicIds dynamic = {};                  ///< The ids that DynamicUser= gives it.
    util::TimeSpan watchdog = util::TimeSpan::zero();
    std::string_view invocation_id = {};
    /// The program does not ignore them. To ask takes a system call for each signal.
    sigset_t ignored_signals = event::ignored_signals();
};

struct Started {
    process::Child child;
    /// Where it failed to become the program; it ends with the step's status.
    Failure failure;
    bool is_ignored = false;  ///< It ends with status 0 all the same: "-", and no such program.
    /// Of a process that prepares itself: how far it came is read here (StartReport).
    system::UniqueFd report;
};

/// Sets `may_hang` where the unit names a path that may hang for ever, and
/// `environment_files_may_hang` where an EnvironmentFile= is one.
void look_for_slow_mounts(StartRequest& request, system::Mounts& mounts);

/// Starts the process in a session of its own. It prepares itself, in a copy of our memory, where
/// that may hang, wait (a terminal, a FIFO, jobs), or take long (directories with all that is in
/// them); else we prepare it, which is quicker. Throws std::system_error where there can be none,
/// or where systemd would not make one: an EnvironmentFile= that is missing, no socket for
/// StandardInput=socket.
Started start(const StartRequest& request);

/// The file that a command of this path runs; `error` is set where there is none that may be
/// executed. Names are looked for in ExecSearchPath=, or else in `system::default_search_path`.
std::string find_program(const std::string& path, const unit::Paths& search_path, int& error);

}  // namespace notifybridge::execute
