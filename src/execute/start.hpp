#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "execute/environment.hpp"
#include "execute/step.hpp"
#include "execute/streams.hpp"
#include "process/clone.hpp"
#include "unit/command.hpp"
#include "unit/settings.hpp"

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
    bool non_blocking = false;        ///< NonBlocking=
    system::Fd socket = {};           ///< For StandardInput=socket and the like.
    system::Fd log = {};              ///< Where standard output goes that is for the journal.
    system::Fd cgroup = {};           ///< cgroup.procs of the unit's control group, if it has one.
    system::Fd idle = {};             ///< See Launch.
    bool applies_permissions = true;  ///< See manager::ProcessRequest.
    bool applies_terminal = true;     ///< An input of "tty" is one.
    bool applies_root = true;         ///< RootDirectory= is one.
    DynamicIds dynamic = {};          ///< Whom DynamicUser= makes it.
    util::TimeSpan watchdog = util::TimeSpan::zero();
    std::string_view invocation_id = {};
};

struct Started {
    process::Child child;
    /// Where it failed to become the program; it ends with the step's status. Not known yet, and so
    /// empty, where it had to wait for its terminal, a FIFO, or jobs.
    Failure failure;
    bool is_ignored = false;  ///< It ends with status 0 all the same: "-", and no such program.
};

/// Starts the process in a session of its own. Throws std::system_error where there can be none, or
/// where systemd would not make one: an EnvironmentFile= that is missing, no socket for
/// StandardInput=socket.
Started start(const StartRequest& request);

/// The file that a command of this path runs; `error` is set where there is none that may be
/// executed. Names are looked for in ExecSearchPath=, or else in `default_path`.
std::string find_program(const std::string& path, const unit::Paths& search_path, int& error);

}  // namespace notifybridge::execute
