#pragma once

#include <sys/types.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/util/time_span.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::unit_types {

using manager::Unit;

/// A process to start for a unit.
struct ProcessRequest {
    const Unit& unit;
    const unit::Command& command;
    /// Whether the process is a control process. All processes of commands except the main process
    /// are control processes.
    bool is_control = true;
    /// Whether User= and Group= apply. If PermissionsStartOnly= is set, they apply only to
    /// ExecStart=.
    bool applies_permissions = true;
    /// Whether the process gets the sockets of the unit's socket units and the descriptor store
    /// (LISTEN_FDS).
    bool passes_fds = false;
    /// Whether the program waits until no job is left, but for at most 5 s (Type=idle).
    bool is_idle = false;
    /// Whether the process gets NOTIFY_SOCKET.
    bool may_notify = false;
    /// The time for WATCHDOG_USEC. Zero if the process gets neither WATCHDOG_USEC nor WATCHDOG_PID.
    util::TimeSpan watchdog = util::TimeSpan::zero();
    /// Variables such as MAINPID=… and SERVICE_RESULT=…, which override the variables of the unit.
    std::vector<std::string> environment;
};

/// A process that was started for a unit.
struct StartedProcess {
    pid_t pid = 0;
    /// The reason why the program was not executed. If set, the process ends with an exit status
    /// from 200 to 243 (systemd.exec(5), PROCESS EXIT CODES).
    std::error_code exec_error;
    /// Whether the program is not executed yet. Later, either `Unit::process_executed` is called,
    /// or the process ends.
    bool is_pending = false;
};

/// A request to signal processes of a unit.
struct KillRequest {
    int signal = 0;
    pid_t main = 0;  ///< 0 if there is none.
    pid_t control = 0;
    /// Whether to signal all other processes of the unit, besides main and control.
    bool all_others = false;
    int others_signal = 0;     ///< The signal for the other processes. 0 if they get no signal.
    bool also_hangup = false;  ///< Whether to send SIGHUP after the signal (SendSIGHUP=).
    /// Whether to send SIGCONT after the signal, so that a stopped process handles the signal.
    bool continues = true;
};

/// An interface that starts and ends processes for units. No function blocks: a unit receives the
/// end of a process as an event.
class Processes {
public:
    virtual ~Processes() = default;

    /// Starts a process. If the start fails, throws std::system_error. In this case, the unit fails
    /// with result "resources".
    virtual StartedProcess start_process(const ProcessRequest& request) = 0;

    /// Signals processes of the unit. Returns whether the unit must wait for the end of a process.
    virtual bool kill(const Unit& unit, const KillRequest& request) = 0;

    /// The pid in a PID file, or the reason why the file is refused. If users other than root can
    /// have written the file, the process must belong to the unit (systemd.service(5), PIDFile=).
    struct PidFile {
        pid_t pid = 0;
        std::string fault;
    };
    virtual PidFile read_pid_file(const Unit& unit, const std::string& path) = 0;
    /// Calls `Unit::pid_file_changed` when the file is created or changed. Stops watching the file
    /// if `watched` is false.
    virtual void watch_pid_file(const Unit& unit, const std::string& path, bool watched) = 0;
    /// Returns the likely main process (GuessMainPID=): the only process of the unit that is our
    /// child. Returns 0 unless exactly one such process exists.
    virtual pid_t guess_main_pid(const Unit& unit) = 0;
    /// Returns an orphan that belongs to no unit and began after `started`, which is a process that
    /// was started for a unit. The orphan may be a daemon whose unit we do not know. Returns 0 if
    /// there is no such orphan.
    virtual pid_t find_stray(pid_t started) = 0;
    /// Returns whether this process belongs to the unit. MAINPID= may name another process only if
    /// root sends the message.
    virtual bool owns(const Unit& unit, pid_t pid) = 0;
    /// Requests that the end of `pid` is reported to the unit, even if the process is not our
    /// child. The reported status is 0 if the exit status cannot be known. Returns false if the
    /// process does not exist, is this manager or cannot be watched.
    virtual bool watch_process(const Unit& unit, pid_t pid) = 0;
    /// Calls `Unit::bus_name_changed` to report whether BusName= has an owner on the system bus:
    /// first when the bus answers, and then on each change, until `clean_up`. While the bus does
    /// not answer, reports nothing.
    virtual void watch_bus_name(const Unit& unit) = 0;

    /// Removes the files that a unit does not keep when it is down: the PID file, and the
    /// directories of RuntimeDirectory=.
    virtual void clean_up(const Unit& unit, bool will_restart) = 0;
};

}  // namespace notifybridge::unit_types
