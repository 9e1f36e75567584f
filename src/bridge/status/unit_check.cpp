#include "bridge/status/unit_check.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// How a setting is changed, and taken up.
std::string edit(const UnitFacts& unit, std::string_view setting) {
    return concat("set ", setting, " (`", systemctl_for(unit), " edit ", util::escape(unit.name),
                  "`)");
}

/// "app.service of uid 7".
std::string name_of(const UnitFacts& unit) {
    return concat(util::escape(unit.name), unit.user ? concat(" of uid ", *unit.user) : "");
}

void judge_access(Findings& found, const UnitFacts& unit, pid_t waiter) {
    const std::string what = concat(util::escape(unit.name), " has Type=", unit.type,
                                    ", NotifyAccess=", unit.notify_access);
    if (unit.notify_access == "none")
        return found.problem("unit", concat(what, ": systemd drops what it is told"),
                             edit(unit, "Type=notify"));
    if (unit.notify_access == "main" && unit.main_pid != waiter)
        return found.problem(
            "unit", concat(what, ", and wait is not its main process (", unit.main_pid, ')'),
            "start wait by ExecStart= itself, or by `exec` in its script; set User= for su");
    if (!unit.type.starts_with("notify"))
        return found.note("unit", concat(what, ": READY=1 is not waited for"),
                          edit(unit, "Type=notify"));
    return found.good("unit", what);
}

void judge_kill_mode(Findings& found, const UnitFacts& unit) {
    const std::string what = concat("KillMode=", unit.kill_mode, ": ");
    if (unit.kill_mode == "control-group")
        found.note("KillMode",
                   concat(what,
                          "at a stop systemd ends the container's own processes, too, "
                          "so that it is not clean"),
                   concat(edit(unit, "KillMode=mixed"),
                          ", or have `notifybridge run` start "
                          "the container"));
    else if (unit.kill_mode == "process" || unit.kill_mode == "none")
        found.note("KillMode", concat(what, "a container whose wait was killed is left behind"),
                   edit(unit, "KillMode=mixed"));
}

void judge_linger(Findings& found, const UnitFacts& unit) {
    const std::string name = util::escape(unit.leaver);
    if (!name.empty())
        found.note("linger",
                   concat("the units of ", name,
                          " end with the last session, and do not start with the machine"),
                   concat("where this one is to: `loginctl enable-linger ", name, '`'));
}

std::string after_log(const UnitFacts& unit, std::string_view verb) {
    const std::string name = util::escape(unit.name);
    const std::string log = concat("`journalctl ", unit.user ? "--user " : "", "-u ", name, '`');
    return concat(log, " says why; then `", systemctl_for(unit), ' ', verb, ' ', name, '`');
}

std::string remedy_of(const UnitFacts& unit) {
    if (unit.result == "timeout")
        return concat("`status --follow` shows what the app says; where it is but slow, ",
                      edit(unit, "TimeoutStartSec="));
    if (unit.result == "watchdog")
        return concat("the app pings too seldom: ", edit(unit, "WatchdogSec="),
                      ", or --alive-when");
    if (unit.result == "start-limit-hit")
        return concat(after_log(unit, "reset-failed"), ", and start it");
    return after_log(unit, "restart");
}

}  // namespace

void judge_unit(Findings& found, const UnitFacts& unit, pid_t waiter, const StartCommand& command,
                bool has_command) {
    if (unit.type.empty())
        return found.note("unit", concat(name_of(unit), ": its service manager does not answer"),
                          unit.user ? "ask as that user" : "ask as root");
    judge_access(found, unit, waiter);
    judge_linger(found, unit);
    if (has_command && !command.is_run)
        judge_kill_mode(found, unit);
    if (!has_command && !command.keeps && unit.restart == "no")
        found.note("Restart", "Restart=no: when the container is started again, nobody follows it",
                   concat(edit(unit, "Restart=always"), ", or give `wait --keep`"));
}

void judge_idle_unit(Findings& found, const UnitFacts& unit) {
    judge_linger(found, unit);
    const std::string name = name_of(unit);
    if (unit.active_state == "failed") {
        found.problem("unit", concat(name, " has failed (", unit.result, ')'), remedy_of(unit));
        if (unit.restart == "no")
            found.note("Restart", "Restart=no: nothing starts the unit again when it fails",
                       edit(unit, "Restart=on-failure"));
    } else if (unit.active_state == "inactive") {
        found.problem("unit", concat(name, " is not started"),
                      concat('`', systemctl_for(unit), " start ", util::escape(unit.name), '`'));
    } else {
        const bool is_pausing = unit.sub_state == "auto-restart";
        found.note("unit",
                   concat(name, " is ", unit.active_state, " (", unit.sub_state,
                          is_pausing ? concat(", as it failed: ", unit.result) : "",
                          "), and has no wait here"),
                   after_log(unit, "restart"));
    }
}

void judge_private_tmp(Findings& found, const UnitFacts& unit, std::string_view directory) {
    const bool is_in_tmp = directory.starts_with("/tmp/") || directory.starts_with("/var/tmp/");
    if (is_in_tmp && !unit.private_tmp.empty() && unit.private_tmp != "no")
        found.problem("unit",
                      concat(name_of(unit), " has PrivateTmp=", unit.private_tmp,
                             ", so that this directory is another one there"),
                      "choose one below /run, as a container that docker starts has none of the "
                      "unit's own");
}

}  // namespace notifybridge::status
