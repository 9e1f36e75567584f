#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::status {

/// What the service manager says of a unit.
struct UnitFacts {
    std::string name;
    std::optional<uid_t> user;  ///< Whose manager has it, where that is not the system's.
    std::string type;           ///< Type=; empty where the manager does not answer us.
    std::string notify_access;  ///< NotifyAccess=
    pid_t main_pid = 0;
    std::string kill_mode;      ///< KillMode=
    std::string restart;        ///< Restart=
    std::string active_state;   ///< "active", "failed", ...
    std::string sub_state;      ///< "running", "auto-restart", ...
    std::string result;         ///< "success", "timeout", ...
    std::string environment;    ///< Environment=
    std::string exec_start;     ///< ExecStart=
    std::string private_tmp;    ///< PrivateTmp=: "yes", "no", ...
    std::string load_state;     ///< "loaded", "not-found", ...
    std::string status_text;    ///< The last STATUS that the manager has.
    std::string source_path;    ///< The file that a generator made the unit of, as Quadlet does.
    std::string unit_user;      ///< User=
    std::string invocation_id;  ///< Of the last start; empty if there was none.
    int main_code = 0;          ///< ExecMainCode=: CLD_EXITED, CLD_KILLED, ...; 0 without an end.
    int main_status = 0;        ///< ExecMainStatus=: the exit status, or the signal.
    pid_t last_main_pid = 0;    ///< ExecMainPID=: as main_pid, but also after its end.
    std::uint64_t main_started_usec = 0;  ///< ExecMainStartTimestampMonotonic=
    std::uint64_t starting_usec = 0;      ///< InactiveExitTimestampMonotonic=
    std::uint64_t active_usec = 0;        ///< ActiveEnterTimestampMonotonic=
    std::string timeout_start;            ///< TimeoutStartUSec=: "1min 30s"
    std::string timeout_stop;             ///< TimeoutStopUSec=
    std::string watchdog;                 ///< WatchdogUSec=; "0" without a watchdog.
    unsigned restarts = 0;                ///< NRestarts=
    unsigned start_limit = 0;             ///< StartLimitBurst=
    std::string leaver;  ///< The user's name where their units end as they log out; else empty.

    bool operator==(const UnitFacts&) const = default;
};

/// The units in what `systemctl show` answers, with an empty line between two.
std::vector<UnitFacts> read_units(std::string_view answer);

/// Whether the unit names this directory: in its environment, its command line, or as `run` does.
bool names_directory(const UnitFacts& unit, std::string_view path);

/// The value of a variable that its Environment= sets, as far as that has no blanks; else empty.
std::string variable_in_unit(const UnitFacts& unit, std::string_view name);

/// Asks the manager of the unit that a process belongs to. Nothing where it belongs to none, or
/// systemd does not run here.
std::optional<UnitFacts> unit_of_process(pid_t pid);

/// The services that are loaded and name this directory, an absolute path: of the system, of our
/// own manager, and of that of the user whose $XDG_RUNTIME_DIR it is in.
std::vector<UnitFacts> units_for_directory(const std::string& path);

/// What became of a search for a unit by its name.
struct UnitSearch {
    std::optional<UnitFacts> unit;
    std::string why_not;  ///< Why there is none; empty if systemd does not run here.
};

/// Asks the system's manager, our own, and as root those of all users for a service of this name.
UnitSearch find_unit(const std::string& service);

/// The user whose $XDG_RUNTIME_DIR this absolute path is in, whether that is there or not.
std::optional<uid_t> user_of_place(std::string_view path);

/// That this user has to linger, where the directory is not there for the lack of it; else empty.
std::string why_user_is_absent(const std::string& path);

/// What a program answers on its standard output, the words being looked up in PATH; "" where it
/// cannot, or not in a few seconds.
std::string answer_of(std::vector<std::string> words);

/// `systemctl`, as it is typed for that unit: with --user where its manager is a user's.
std::string systemctl_for(const UnitFacts& unit);

}  // namespace notifybridge::status
