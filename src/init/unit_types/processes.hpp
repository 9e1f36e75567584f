#pragma once

#include <sys/types.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/util/time_span.hpp"
#include "init/manager/unit.hpp"

namespace notifybridge::unit_types {

using manager::Unit;

/// A process that is to be started for a unit.
struct ProcessRequest {
    const Unit& unit;
    const unit::Command& command;
    /// ExecStart= and ExecStartPre= and so on are "control" processes but for the main one.
    bool is_control = true;
    /// User= and Group= hold: with PermissionsStartOnly=, for ExecStart= only.
    bool applies_permissions = true;
    /// It gets the sockets of the unit's socket units and the descriptor store (LISTEN_FDS).
    bool passes_fds = false;
    /// Its program is executed once no job is left, or after some seconds (Type=idle).
    bool is_idle = false;
    /// It gets NOTIFY_SOCKET.
    bool may_notify = false;
    /// It gets WATCHDOG_USEC and WATCHDOG_PID; zero: it does not.
    util::TimeSpan watchdog = util::TimeSpan::zero();
    /// MAINPID=…, SERVICE_RESULT=… and the like, which win over what the unit sets.
    std::vector<std::string> environment;
};

/// A process of a unit, as it was started.
struct StartedProcess {
    pid_t pid = 0;
    /// Why the program was not executed; the process then ends with a status of 200 to 243
    /// (systemd.exec(5), PROCESS EXIT CODES).
    std::error_code exec_error;
    /// It has not executed its program yet: Unit::process_executed, or its end, is told later.
    bool is_pending = false;
};

/// Which of a unit's processes get a signal, and which.
struct KillRequest {
    int signal = 0;
    pid_t main = 0;  ///< 0: there is none.
    pid_t control = 0;
    /// Signals all other processes of the unit as well; otherwise only these two.
    bool all_others = false;
    int others_signal = 0;     ///< With KillMode=mixed another one than main's.
    bool also_hangup = false;  ///< SIGHUP after it (SendSIGHUP=).
    bool continues = true;     ///< Sends SIGCONT after it, so that a stopped process handles it.
};

/// Starts and ends processes for units. Does not wait: units learn of a process's end by an event.
class Processes {
public:
    virtual ~Processes() = default;

    /// Throws std::system_error if no process can be started: the unit then fails for resources.
    virtual StartedProcess start_process(const ProcessRequest& request) = 0;

    /// Signals processes of the unit. Returns whether the end of one has to be waited for.
    virtual bool kill(const Unit& unit, const KillRequest& request) = 0;

    /// The pid in a PID file, or why it is refused: it has to be a process of the unit, or only
    /// root may have been able to write the file (systemd.service(5), PIDFile=).
    struct PidFile {
        pid_t pid = 0;
        std::string fault;
    };
    virtual PidFile read_pid_file(const Unit& unit, const std::string& path) = 0;
    /// Calls Unit::pid_file_changed when the file comes or changes, as long as it is `watched`.
    virtual void watch_pid_file(const Unit& unit, const std::string& path, bool watched) = 0;
    /// Returns the process that remained after main forked, if there is exactly one.
    virtual pid_t guess_main_pid(const Unit& unit) = 0;
    /// Returns an orphan that belongs to no unit, and began after `started`, a process that was
    /// started for a unit; 0 if there is none. It may be a daemon that is not known as the unit's.
    virtual pid_t find_stray(pid_t started) = 0;
    /// Returns whether this process belongs to the unit, so that MAINPID= may name it.
    virtual bool owns(const Unit& unit, pid_t pid) = 0;
    /// Reports the end of a process that is not our child to the unit, with status 0 if that cannot
    /// be known. Returns false if the process does not exist or is ourselves.
    virtual bool watch_process(const Unit& unit, pid_t pid) = 0;
    /// Calls Unit::bus_name_changed with whether BusName= has an owner on the system bus: soon, and
    /// whenever that changes, until clean_up. As long as there is no bus, never.
    virtual void watch_bus_name(const Unit& unit) = 0;

    /// Removes what a unit that is down does not keep: PID file, RuntimeDirectory=.
    virtual void clean_up(const Unit& unit, bool will_restart) = 0;
};

}  // namespace notifybridge::unit_types
