#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bus/property.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::diagnosis {

/// The properties of a unit, as the service manager reports them.
struct UnitFacts {
    std::string name;
    std::optional<uid_t>
        user;          ///< The user whose manager has the unit; nullopt for the system's manager.
    std::string type;  ///< Type=; empty if the manager does not answer us.
    std::string notify_access;  ///< NotifyAccess=
    pid_t main_pid = 0;
    pid_t control_pid = 0;     ///< ControlPID=, such as that of ExecReload=; 0 if there is none.
    std::string kill_mode;     ///< KillMode=
    std::string restart;       ///< Restart=
    std::string pid_file;      ///< PIDFile=
    std::string active_state;  ///< "active", "failed", ...
    std::string sub_state;     ///< "running", "auto-restart", ...
    std::string result;        ///< "success", "timeout", ...
    std::vector<std::string> environment;              ///< Environment=
    std::vector<std::vector<std::string>> exec_start;  ///< The words of each ExecStart=.
    std::string private_tmp;                           ///< PrivateTmp=: "yes", "no", ...
    std::string load_state;                            ///< "loaded", "not-found", ...
    std::string status_text;    ///< The last STATUS that the manager has received.
    std::string source_path;    ///< SourcePath=, the file from which Quadlet made the unit.
    std::string unit_user;      ///< User=
    std::string invocation_id;  ///< The id of the last start; empty if there was none.
    /// ExecMainCode=: CLD_EXITED, CLD_KILLED, ...; 0 if the main process has not ended.
    int main_code = 0;
    int main_status = 0;  ///< ExecMainStatus=: the exit status, or the signal.
    /// ExecMainPID=: like main_pid, but also set after the end of the process.
    pid_t last_main_pid = 0;
    std::uint64_t main_started_usec = 0;            ///< ExecMainStartTimestampMonotonic=
    std::uint64_t main_ended_usec = 0;              ///< ExecMainExitTimestampMonotonic=
    std::uint64_t starting_usec = 0;                ///< InactiveExitTimestampMonotonic=
    std::uint64_t active_usec = 0;                  ///< ActiveEnterTimestampMonotonic=
    util::TimeSpan timeout_start = util::infinity;  ///< TimeoutStartUSec=
    util::TimeSpan timeout_stop = util::infinity;   ///< TimeoutStopUSec=
    util::TimeSpan watchdog{};                      ///< WatchdogUSec=; 0 without a watchdog.
    std::uint64_t state_usec = 0;                   ///< StateChangeTimestampMonotonic=
    std::string reload_result;  ///< ReloadResult=: like `result`, for the last reload.
    /// Settings of the sandbox (systemd.exec(5)), by the names of their properties.
    std::map<std::string, std::string, std::less<>> sandbox;
    util::TimeSpan runtime_limit = util::infinity;  ///< RuntimeMaxUSec=
    std::vector<std::string> triggered_by;          ///< TriggeredBy=: the .socket and .timer units.
    std::vector<std::string> triggers;  ///< Triggers=: what a .timer or .socket unit starts.
    std::vector<std::string> after;     ///< After=
    bool needs_daemon_reload = false;   ///< Whether the unit's file has changed since it was read.
    /// When a .timer unit starts its service next: in µs since 1970, or on the monotonic clock. 0
    /// or the largest number if the timer does not use this clock.
    std::uint64_t next_elapse = 0;
    std::uint64_t next_elapse_monotonic = 0;
    /// The units that must be active for a start: Requires=, Requisite= and BindsTo=.
    std::vector<std::string> required;
    /// The first command other than ExecStart= that failed in the last start or stop:
    /// "ExecStartPost=/bin/false".
    std::string failed_command;
    std::string failed_command_end;   ///< How it ended: "exited with status 1".
    bool has_first_command = false;   ///< Whether there is ExecCondition= or ExecStartPre=.
    bool has_last_command = false;    ///< Whether there is ExecStop= or ExecStopPost=.
    bool stops_container = false;     ///< Whether ExecStop= is a command such as `podman stop`.
    bool is_condition_unmet = false;  ///< Whether a Condition…= or Assert…= was not met.
    /// ConditionTimestampMonotonic=: the last check of the conditions; 0 if there was none, or if
    /// systemd has unloaded the unit since then.
    std::uint64_t condition_usec = 0;
    unsigned restarts = 0;            ///< NRestarts=
    unsigned start_limit = 0;         ///< StartLimitBurst=
    std::string user_without_linger;  ///< The user's name if the user's units end at logout;
                                      ///< otherwise empty.

    /// Returns when the main process was started, or else when the start of the unit began. Returns
    /// 0 if the unit was not started. On the monotonic clock, in µs.
    std::uint64_t started_usec() const {
        return main_started_usec != 0 ? main_started_usec : starting_usec;
    }

    bool operator==(const UnitFacts&) const = default;
};

/// Takes a property of the unit. Ignores a property that no fact needs.
void set_property(UnitFacts& unit, std::string_view name, const bus::Value& value);

/// Returns the words with a space between two of them.
std::string joined(std::span<const std::string> words);

/// Returns the words of the last command in ExecStart=.
std::span<const std::string> start_words(const UnitFacts& unit);

/// Returns whether a command in ExecStart= contains `text`, which may reach over several words.
bool mentions(const UnitFacts& unit, std::string_view text);

/// Returns whether the unit names `path` in its environment or command line, or whether `run`
/// creates this directory for the unit.
bool names_directory(const UnitFacts& unit, std::string_view path);

/// Returns the value of a variable in Environment=. Returns an empty text if the variable is not
/// set.
std::string variable_in_unit(const UnitFacts& unit, std::string_view name);

/// Returns the names of the units with this suffix that start this service: ".socket", ".timer".
std::vector<std::string> triggers_of(const UnitFacts& unit, std::string_view suffix);

/// Returns the `systemctl` command for `unit`, with --user if a user's manager has the unit.
std::string systemctl_for(const UnitFacts& unit);

}  // namespace notifybridge::diagnosis
