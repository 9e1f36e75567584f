#include "bridge/diagnosis/unit_check.hpp"

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/running_causes.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// Returns how to change a setting: "set KillMode=mixed (`systemctl edit app.service`)".
std::string edit(const UnitFacts& unit, std::string_view setting) {
    return concat("set ", setting, " (", systemctl_command(unit, "edit"), ')');
}

/// Returns a name such as "app.service of uid 7".
std::string name_of(const UnitFacts& unit) {
    return concat(util::escape(unit.name), unit.user ? concat(" of uid ", *unit.user) : "");
}

void judge_access(Findings& found, const UnitFacts& unit, pid_t waiter,
                  const StartCommand& command) {
    const std::string what = concat(util::escape(unit.name), " has Type=", unit.type,
                                    ", NotifyAccess=", unit.notify_access);
    const auto deafness = diagnose_type(unit, edit(unit, "Type=notify"));
    if (deafness && deafness->verdict == Finding::Verdict::problem)
        return found.add(deafness->verdict, "unit", deafness->cause, deafness->remedy);
    const auto pid_file = diagnose_pid_file(unit, command, edit(unit, "PIDFile="));
    if (pid_file && unit.main_pid != waiter
        && util::strip(system::text_of(unit.pid_file)) == concat(unit.main_pid))
        return found.problem("unit", pid_file->cause, pid_file->remedy);
    // If --main-pid=translate is given, the app informs systemd which process is the main process.
    if (unit.notify_access == "main" && unit.main_pid != waiter && !command.translates_main_pid)
        return found.problem(
            "unit", concat(what, ", and wait is not its main process (pid ", unit.main_pid, ')'),
            "let ExecStart= start wait directly, or with `exec` in a script; use User= instead of "
            "su");
    if (deafness)
        return found.add(deafness->verdict, "unit", deafness->cause, deafness->remedy);
    if (pid_file)
        return found.note("unit", pid_file->cause, pid_file->remedy);
    return found.good("unit", what);
}

/// Returns whether systemd signals all processes of the unit before the container has ended.
bool signals_container(const UnitFacts& unit) {
    return unit.kill_mode == "control-group" && !unit.stops_container;
}

void judge_kill_mode(Findings& found, const UnitFacts& unit, const StartCommand& command) {
    const std::string what = concat("KillMode=", unit.kill_mode, ": ");
    // With KillMode=mixed, systemd would kill `wait` as soon as the translated main process ends.
    if (signals_container(unit) && !command.translates_main_pid)
        found.note("KillMode",
                   concat(what,
                          "at a stop, systemd also signals the container's own processes, "
                          "so the stop is not clean"),
                   concat(edit(unit, "KillMode=mixed"),
                          ", or start the container with `notifybridge "
                          "run`"));
    else if (unit.kill_mode == "process" || unit.kill_mode == "none")
        found.note("KillMode", concat(what, "the container keeps running if `wait` is killed"),
                   edit(unit, "KillMode=mixed"));
}

void judge_stop_time(Findings& found, const UnitFacts& unit, const StartCommand& command) {
    const std::string own =
        util::escape(command.stop_timeout.empty() ? "10s" : command.stop_timeout);
    const auto own_time = util::parse_time_span(own);
    if (own_time && unit.timeout_stop <= *own_time && unit.timeout_stop != util::infinity)
        found.note("TimeoutStopSec",
                   concat("TimeoutStopSec=", util::to_decimal_string(unit.timeout_stop),
                          " is not longer than --stop-timeout (", own,
                          "), so systemd may end `wait` before the app has ended"),
                   edit(unit, "TimeoutStopSec= to more than --stop-timeout"));
}

/// Returns whether the control group of this process also contains a program of this name.
bool has_neighbour(pid_t pid, std::string_view name) {
    const std::string own = system::text_of(concat("/proc/", pid, "/cgroup"));
    constexpr std::string_view unified = "0::";
    if (!own.starts_with(unified))
        return false;
    std::string_view group = std::string_view(own).substr(unified.size());
    const std::string all =
        system::text_of(concat("/sys/fs/cgroup", util::take_until(group, '\n'), "/cgroup.procs"));
    for (std::string_view rest = all; !rest.empty();) {
        const std::string_view other = util::take_until(rest, '\n');
        if (util::strip(system::text_of(concat("/proc/", other, "/comm"))) == name)
            return true;
    }
    return false;
}

void judge_linger(Findings& found, const UnitFacts& unit) {
    const std::string name = util::escape(unit.user_without_linger);
    if (!name.empty())
        found.note(
            "linger",
            concat("the units of ", name, " end with the last session, and do not start at boot"),
            concat("if this unit should start at boot: `loginctl enable-linger ",
                   util::shell_word(unit.user_without_linger), '`'));
}

}  // namespace

void judge_unit(Findings& found, const UnitFacts& unit, pid_t waiter, const StartCommand& command,
                bool has_command) {
    if (unit.load_state == "not-found")
        return found.problem("unit",
                             concat(name_of(unit), " still runs, but its unit file is gone"),
                             concat("restore the file, then `", systemctl_for(unit),
                                    " daemon-reload`; or ", systemctl_command(unit, "stop")));
    if (unit.type.empty())
        return found.note("unit", concat(name_of(unit), ": its service manager does not answer"),
                          unit.user ? "run this as that user" : "run this as root");
    judge_access(found, unit, waiter, command);
    judge_file(found, unit);
    judge_linger(found, unit);
    if (has_command)
        judge_stop_time(found, unit, command);
    if (has_command && !command.is_run)
        judge_kill_mode(found, unit, command);
    else if (signals_container(unit) && command.shares_cgroup)
        found.problem("KillMode",
                      "at a stop, systemd also signals the processes that --cgroups= leaves in the "
                      "unit, so the container is not stopped cleanly",
                      edit(unit, "KillMode=mixed"));
    else if (signals_container(unit) && has_neighbour(waiter, "fuse-overlayfs"))
        found.problem("KillMode",
                      "at a stop, systemd also ends fuse-overlayfs, so the app loses its files "
                      "before it has ended",
                      edit(unit, "KillMode=mixed"));
    if (command.ends_when_idle && (unit.restart == "always" || unit.restart == "on-success"))
        found.note("Restart",
                   concat("Restart=", unit.restart,
                          " starts the unit again as soon as --idle-timeout ends it"),
                   edit(unit, "Restart=on-failure"));
    if (!has_command && !command.keeps && unit.restart == "no")
        found.note("Restart",
                   "Restart=no: if the container is started again, no `wait` forwards its messages",
                   concat(edit(unit, "Restart=always"), ", or add --keep to `wait`"));
}

void judge_file(Findings& found, const UnitFacts& unit) {
    if (unit.needs_daemon_reload)
        found.note("file",
                   concat("the file of ", name_of(unit), " has changed since systemd has read it"),
                   concat('`', systemctl_for(unit), " daemon-reload`, then ",
                          systemctl_command(unit, "restart")));
}

void judge_idle_unit(Findings& found, const UnitFacts& unit) {
    judge_linger(found, unit);
    const std::string what =
        concat(name_of(unit), " is ", unit.active_state, " (", unit.sub_state, ')');
    if (waits_until_ready(unit))
        return found.good("unit", what);
    found.note(
        "unit", concat(what, ", and no wait of this unit uses this directory"),
        concat(journalctl_command(unit), " shows why; then ", systemctl_command(unit, "restart")));
}

void judge_private_tmp(Findings& found, const UnitFacts& unit, std::string_view directory) {
    const bool is_in_tmp = directory.starts_with("/tmp/") || directory.starts_with("/var/tmp/");
    if (is_in_tmp && !unit.private_tmp.empty() && unit.private_tmp != "no")
        found.problem("unit",
                      concat(name_of(unit), " has PrivateTmp=", unit.private_tmp,
                             ", so it sees another directory at this path"),
                      "choose a directory below /run: containers that docker starts do not see the "
                      "unit's private /tmp");
}

}  // namespace notifybridge::diagnosis
