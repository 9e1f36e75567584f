#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/system/clock.hpp"
#include "base/system/datagram.hpp"
#include "base/util/log.hpp"
#include "base/util/time_span.hpp"
#include "init/load/load.hpp"
#include "init/manager/state.hpp"

namespace notifybridge::manager {

class Unit;

/// A process that is to be started for a unit.
struct ProcessRequest {
    const Unit& unit;
    const unit::Command& command;
    /// ExecStart= and ExecStartPre= and so on are "control" processes but for the main one.
    bool is_control = true;
    /// User= and Group= hold: not with PermissionsStartOnly= for all but ExecStart=.
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
    /// It prepares itself, and is not that far: Unit::process_executed or its end is told later.
    bool is_pending = false;
};

enum class KillWhom {
    main,
    control,
    all,
    all_or_fail,  ///< That there is nobody is an error, as it is for one alone.
};

/// Which of a unit's processes get a signal, and which.
struct KillRequest {
    int signal = 0;
    pid_t main = 0;  ///< 0: there is none.
    pid_t control = 0;
    /// All other processes of the unit too; otherwise these two only.
    bool all_others = false;
    int others_signal = 0;     ///< With KillMode=mixed another one than main's.
    bool also_hangup = false;  ///< SIGHUP after it (SendSIGHUP=).
    bool continues = true;     ///< SIGCONT after it, so that what is stopped acts on it.
};

/// The two ends of a connection.
struct Connection {
    sockaddr_storage local{};
    sockaddr_storage remote{};
    /// Of a Unix socket: who connected; nothing for one outside of our pid namespace.
    std::optional<system::Credentials> peer;
};

/// What was opened cannot be given to SocketUser= or SocketGroup=.
struct OwnerError : std::system_error {
    using system_error::system_error;
};

/// All that touches the world, as the manager sees it: what it calls does it at once and never
/// waits. Ends of processes, messages, traffic and elapsed time come to the manager as events.
class Performer {
public:
    virtual ~Performer() = default;

    virtual system::Moment now() const = 0;

    /// Whether conditions or asserts hold. Where they do not, `unmet` gets those that were tested
    /// and are not met: the last of the file comes first, as systemd tests them.
    virtual bool holds(const Unit& unit, const std::vector<unit::Condition>& conditions,
                       unit::UnmetConditions& unmet) = 0;

    /// Throws std::system_error where there can be no process: the unit fails for resources.
    virtual StartedProcess start_process(const ProcessRequest& request) = 0;

    /// Signals processes of the unit. Whether there is any left that is waited for.
    virtual bool kill(const Unit& unit, const KillRequest& request) = 0;

    /// Whether a process of the unit is there, other than main and control.
    virtual bool has_processes(const Unit& unit) = 0;

    /// The pid that a PID file has, or why it has none that the unit may have: one of its own
    /// processes, or a file that only root can have written (systemd.service(5), PIDFile=).
    struct PidFile {
        pid_t pid = 0;
        std::string fault;
    };
    virtual PidFile read_pid_file(const Unit& unit, const std::string& path) = 0;
    /// Calls Unit::pid_file_changed whenever the file is there or is another, or stops to.
    virtual void watch_pid_file(const Unit& unit, const std::string& path, bool watched) = 0;
    /// The one process that is left after main forked, where there is but one.
    virtual pid_t guess_main_pid(const Unit& unit) = 0;
    /// Whether this process is the unit's, so that MAINPID= may name it.
    virtual bool owns(const Unit& unit, pid_t pid) = 0;
    /// A process that is not our child is told of when it ends, as our children are; with status 0
    /// where there is no way to know it. False where there is no such process, or it is ourselves.
    virtual bool watch_process(const Unit& unit, pid_t pid) = 0;
    /// Calls Unit::bus_name_changed with whether BusName= has an owner on the system bus: soon, and
    /// whenever that changes, until clean_up. As long as there is no bus, never.
    virtual void watch_bus_name(const Unit& unit) = 0;

    /// Removes what the unit has no longer when it is down: PID file, RuntimeDirectory=.
    virtual void clean_up(const Unit& unit, bool will_restart) = 0;

    /// Keeps the descriptors that came with the message that is being handled, for as many as
    /// FileDescriptorStoreMax= has room; `polled`: until they hang up.
    virtual void store_fds(const Unit& unit, std::string_view name, bool polled) = 0;
    virtual void remove_fds(const Unit& unit, std::string_view name) = 0;
    virtual void release_fds(const Unit& unit) = 0;

    /// Makes a socket unit's sockets; throws std::system_error, of which OwnerError is one.
    virtual void open_sockets(const Unit& unit) = 0;
    /// Listens for traffic, or not. Throws std::system_error where that cannot be, as for a regular
    /// file, and listens to none then.
    virtual void watch_sockets(const Unit& unit, bool watched) = 0;
    virtual void close_sockets(const Unit& unit) = 0;
    /// Drops what waits in them (FlushPending=).
    virtual void flush_sockets(const Unit& unit) = 0;

    /// Takes a connection from a listener of a socket unit (Accept=yes), to be handed over or
    /// refused at once; nothing where there is none after all. Throws std::system_error.
    virtual std::optional<Connection> accept(const Unit& socket, std::size_t listener) = 0;
    virtual void hand_over(const Unit& socket, const Unit& service) = 0;
    virtual void refuse(const Unit& socket) = 0;
    /// What a service was handed over is closed.
    virtual void close_connection(const Unit& service) = 0;

    /// The whole is to end: reboot, poweroff and exit are one in a container.
    virtual void end(unit::EmergencyAction action, int status) = 0;

    /// For the unit's log and ours, where the unit's name goes before the text.
    virtual void say(util::Severity severity, const Unit* unit, std::string_view text) = 0;
    /// The same of what names the unit itself: "Started foo.service - Does foo."
    virtual void announce(util::Severity severity, const Unit& /*unit*/, std::string_view text) {
        say(severity, nullptr, text);
    }
};

}  // namespace notifybridge::manager
