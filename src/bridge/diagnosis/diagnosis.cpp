#include "bridge/diagnosis/diagnosis.hpp"

#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/diagnosis/failure_causes.hpp"
#include "bridge/diagnosis/ignored_ready.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/machine_causes.hpp"
#include "bridge/diagnosis/probe_faults.hpp"
#include "bridge/diagnosis/reload_causes.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/setting_causes.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;
using Found = std::optional<Diagnosis>;

/// Returns whether the start limit is reached. Since systemd 254, `result` shows this. In earlier
/// versions, `result` only describes the last failure.
bool is_limit_hit(const UnitFacts& unit) {
    return unit.active_state == "failed"
           && (unit.result == "start-limit-hit"
               || (unit.start_limit != 0 && unit.restarts >= unit.start_limit));
}

/// Returns whether the unit is well, but was started too often by somebody other than systemd.
/// `restarts` counts only the restarts by systemd.
bool was_started_too_often(const UnitFacts& unit) {
    return unit.result == "start-limit-hit" && unit.restarts < unit.start_limit
           && has_ended_well(unit) && was_active(unit) && unit.failed_command.empty();
}

/// The failed .socket units of a service.
struct FailedSockets {
    std::vector<std::string> names;
    std::string text;  ///< "a.socket has failed (resources) and does not listen"
};

FailedSockets failed_sockets(const Symptoms& symptoms) {
    FailedSockets failed;
    for (const UnitFacts& socket : symptoms.sockets) {
        if (socket.active_state != "failed")
            continue;
        failed.text += concat(failed.names.empty() ? "" : ", and ", escape(socket.name),
                              " has failed (", escape(socket.result), ") and does not listen");
        failed.names.push_back(socket.name);
    }
    return failed;
}

Diagnosis diagnose_failure(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const std::string name = escape(unit.name);
    const FailedSockets sockets = failed_sockets(symptoms);
    const std::string restart = trigger_command(unit, "restart", sockets.names);
    Diagnosis found = first_cause(symptoms);
    if (was_started_too_often(unit)) {
        found.cause = concat(name, " was started ", unit.start_limit,
                             " times in a short time, and systemd does not start it again "
                             "(StartLimitBurst=)");
        found.remedy = concat(systemctl_command(unit, "reset-failed"), ", then ",
                              sockets.names.empty() ? systemctl_command(unit, "start") : restart);
    } else if (is_limit_hit(unit)) {
        found.cause = concat(name, " has failed ", unit.start_limit,
                             " times in a row, and systemd does not start it again: ", found.cause);
        found.remedy =
            concat(found.remedy, "; then run ", systemctl_command(unit, "reset-failed"), " and ",
                   sockets.names.empty() ? systemctl_command(unit, "start") : restart);
    } else {
        const std::string_view what =
            unit.active_state == "activating"     ? " has failed and will be restarted ("
            : unit.active_state == "deactivating" ? " has failed and is stopping ("
                                                  : " has failed (";
        found.cause = concat(name, what, unit.result, "): ", found.cause);
        if (!sockets.names.empty())
            found.remedy += concat("; then ", restart);
    }
    if (!sockets.names.empty())
        found.cause += concat("; ", sockets.text);
    return found;
}

/// Adds to a note about a trigger that the user's triggers end at logout if the user does not
/// linger. `wish` names what else the user may want.
Diagnosis with_linger(const UnitFacts& unit, Diagnosis found, std::string_view wish) {
    const std::string& user = unit.user_without_linger;
    if (user.empty())
        return found;
    found.cause += concat(" while ", escape(user), " is logged in");
    found.remedy += concat("; if it should ", wish, " without a session: `loginctl enable-linger ",
                           util::shell_word(user), '`');
    return found;
}

/// Explains a unit that is started by a connection to its socket. The unit may be down because no
/// connection has arrived, or because the socket does not listen.
Diagnosis diagnose_on_demand(const Symptoms& symptoms, const std::string& cause) {
    const UnitFacts& unit = symptoms.unit;
    std::string socket = socket_of(unit);
    std::vector<std::string> down;
    for (const UnitFacts& each : symptoms.sockets)
        if (each.active_state == "inactive")
            down.push_back(each.name);
        else
            socket = each.name;
    if (!down.empty() && down.size() == symptoms.sockets.size())
        return {.verdict = Finding::Verdict::note,
                .cause = concat(cause, ", and ", escape(down.front()), " does not listen"),
                .remedy = trigger_command(unit, "enable --now", down)};
    return with_linger(
        unit,
        {.verdict = Finding::Verdict::note,
         .cause = concat(cause, "; a connection to ", escape(socket), " starts it"),
         .remedy = concat('`', systemctl_for(unit), " status ", util::shell_word(socket),
                          "` shows whether the socket listens")},
        "listen");
}

/// Explains a unit that its timer starts.
Diagnosis diagnose_job(const Symptoms& symptoms, const std::string& cause) {
    const UnitFacts& unit = symptoms.unit;
    std::vector<std::string> down;
    std::string starts;
    for (const UnitFacts& timer : symptoms.timers) {
        if (timer.active_state == "inactive")
            down.push_back(timer.name);
        if (timer.active_state != "active")
            continue;
        const std::string next = next_start(timer, symptoms.now);
        starts += concat("; ", escape(timer.name), " starts it",
                         next.empty() ? "" : concat(" on ", escape(next)));
    }
    if (starts.empty() && !down.empty())
        return {.verdict = Finding::Verdict::note,
                .cause = concat(cause, ", and ", escape(down.front()), " is not started"),
                .remedy = trigger_command(unit, "enable --now", down)};
    return with_linger(unit,
                       {.verdict = Finding::Verdict::note,
                        .cause = cause + starts,
                        .remedy = concat("to start it now: ", systemctl_command(unit, "start"))},
                       "start");
}

Diagnosis diagnose_inactive(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const std::string name = escape(unit.name);
    if (unit.load_state == "masked")
        return {.cause = concat(name, " is masked, so that it cannot start"),
                .remedy = systemctl_command(unit, "unmask")};
    const auto end = end_of(unit);
    const std::string cause = concat(name, " is not started",
                                     end ? concat("; its last run ", process::describe(*end)) : "");
    if (const FailedSockets sockets = failed_sockets(symptoms); !sockets.names.empty())
        return {
            .cause = concat(cause, "; ", sockets.text),
            .remedy = concat(trigger_command(unit, "status", sockets.names), " shows why; then ",
                             trigger_command(unit, "restart", sockets.names))};
    if (auto refused = find_refused_start(symptoms))
        return std::move(*refused);
    if (auto daemon = find_ended_daemon(symptoms))
        return {.cause = concat(name, " is not started: ", daemon->cause),
                .remedy = std::move(daemon->remedy)};
    if (!symptoms.command.proxies.empty())
        return diagnose_on_demand(symptoms, cause);
    if (!symptoms.timers.empty())
        return diagnose_job(symptoms, cause);
    // While the user's manager knows how the last run ended, no logout has ended the unit.
    if (!unit.user_without_linger.empty() && !end)
        return {
            .cause = concat(name, " is not started: units of ", escape(unit.user_without_linger),
                            " end with the last session, and do not start at boot"),
            .remedy = concat("`loginctl enable-linger ", escape(unit.user_without_linger),
                             "`, then ", systemctl_command(unit, "start"))};
    // The unit has not failed: it has done its work, or somebody has stopped it.
    return {.verdict = Finding::Verdict::note,
            .cause = cause,
            .remedy = concat(systemctl_command(unit, "start"), "; if it does not start, ",
                             journalctl_command(unit), " shows why")};
}

std::string restarts_of(const UnitFacts& unit) {
    return concat(unit.restarts, unit.restarts == 1 ? " restart" : " restarts");
}

/// Returns why the run before the current one ended. Returns nullopt if this is not known.
Found last_end(const Symptoms& symptoms) {
    return symptoms.last_run ? cause_of_last_end(symptoms_of_last_run(symptoms)) : std::nullopt;
}

Diagnosis diagnose_start(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const std::string unmet = unmet_probe(symptoms);
    Diagnosis found;
    found.verdict = Finding::Verdict::note;
    if (unit.type == "oneshot" && is_job(unit) && symptoms.has_run) {
        found.cause = concat(escape(unit.name), " runs: systemd waits for its end (Type=oneshot)");
        found.remedy =
            concat("if it is a service and not a job, ", set_setting(symptoms, "Type=notify"));
        return found;
    }
    found.cause = concat(escape(unit.name), " is starting");
    if (unit.restarts > 0) {
        found.cause += concat(", after ", restarts_of(unit));
        found.remedy = concat(journalctl_command(unit), " shows why it failed");
        if (const auto last = last_end(symptoms)) {
            found.cause += concat("; its last run ended: ", last->cause);
            found.remedy = last->remedy;
            return found;
        }
    }
    if (!unmet.empty()) {
        found.cause += concat(": waiting for ", util::quote(unmet));
        found.remedy = remedy_of_probe(symptoms, unmet);
    } else if (const std::string ignored = ignored_ready(symptoms); !ignored.empty()) {
        found.cause += concat(": ", ignored);
        found.remedy = remedy_of_ignored_ready(symptoms);
    } else if (!unit.status_text.empty()) {
        found.cause += concat(": its last STATUS is ", util::quote(unit.status_text));
    } else if (!symptoms.has_run) {
        found.cause += ", and its app has not been started yet";
    } else {
        found.cause += ", and READY=1 has not arrived";
        if (found.remedy.empty() && symptoms.command.ready_when.empty()
            && symptoms.starter != Starter::init)
            found.remedy = concat("if the app does not notify, ",
                                  give_option(symptoms, "--ready-when=tcp:127.0.0.1:PORT"));
    }
    return found;
}

/// Finds settings of an active unit that prevent the app's messages from reaching systemd.
Found find_dropped_messages(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const bool is_ours = symptoms.starter == Starter::run || symptoms.starter == Starter::wait
                         || symptoms.starter == Starter::wrap;
    if (symptoms.starter == Starter::quadlet && symptoms.command.has_conmon_notify
        && symptoms.command.has_options)
        return Diagnosis{
            .cause = concat(escape(unit.name),
                            " was active before its app was ready: Notify=true is missing, so "
                            "podman itself sent READY=1"),
            .remedy = concat("set Notify=true in [Container] of ", escape(unit.source_path),
                             ", then `", systemctl_for(unit), " daemon-reload`")};
    return is_ours ? diagnose_type(unit, set_setting(symptoms, "Type=notify")) : std::nullopt;
}

/// Finds that the files of an active unit's shared directory were removed.
Found find_removal(const Symptoms& symptoms) {
    const auto is_of_removal = [](const LogLine& line) {
        return line.text.starts_with(channel::journal_was_removed);
    };
    if (!find_own_line(symptoms, is_of_removal))
        return std::nullopt;
    return Diagnosis{
        .cause = concat("something removed the files of the shared directory of ",
                        escape(symptoms.unit.name), ", so that its app cannot notify any more"),
        .remedy = systemctl_command(symptoms.unit, "restart")};
}

}  // namespace

std::optional<Diagnosis> diagnose_type(const UnitFacts& unit, const std::string& remedy) {
    // In units of these types, systemd waits for the end of `wait`. With --until=ready, this is
    // when the app is ready, so systemd need not receive messages.
    const bool awaits_end = unit.type == "oneshot" || unit.type == "forking";
    const bool hears = unit.notify_access != "none";
    if (unit.type.empty() || is_job(unit) || (hears && unit.type.starts_with("notify"))
        || (awaits_end && (hears || waits_until_ready(unit))))
        return std::nullopt;
    return Diagnosis{
        .verdict = hears ? Finding::Verdict::note : Finding::Verdict::problem,
        .cause = concat(escape(unit.name), " has Type=", unit.type,
                        ", NotifyAccess=", unit.notify_access,
                        hears ? ": systemd does not wait for READY=1"
                              : ": systemd does not wait for READY=1, and drops messages"),
        .remedy = remedy};
}

std::optional<Diagnosis> diagnose_pid_file(const UnitFacts& unit, const StartCommand& command,
                                           const std::string& remedy) {
    if (unit.pid_file.empty() || !unit.type.starts_with("notify") || command.translates_main_pid)
        return std::nullopt;
    return Diagnosis{
        .verdict = Finding::Verdict::note,
        .cause = concat(escape(unit.name), " has PIDFile=", escape(unit.pid_file),
                        ": after ExecReload= or ExecStartPost=, systemd takes the process in this "
                        "file for the main process, and not notifybridge"),
        .remedy = concat(remedy, " to nothing")};
}

bool has_failed(const UnitFacts& unit) {
    const bool is_stopped = unit.active_state == "deactivating" && unit.result != "success";
    return unit.active_state == "failed" || is_stopped
           || unit.sub_state.starts_with("auto-restart");
}

bool starts_again(const UnitFacts& unit) {
    return unit.restarts > 0 && unit.active_state == "activating" && !has_failed(unit);
}

bool was_just_restarted(const UnitFacts& unit, system::Moment now) {
    constexpr std::uint64_t recent_usec = 300'000'000;
    return starts_again(unit)
           || (unit.restarts > 0 && is_ready(unit)
               && now.monotonic < unit.started_usec() + recent_usec);
}

std::optional<Diagnosis> diagnose_restart(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const bool has_failed_before = symptoms.last_run && !symptoms.last_run->unit.result.empty()
                                   && symptoms.last_run->unit.result != "success";
    const auto last = is_ready(unit) && has_failed_before ? last_end(symptoms) : std::nullopt;
    if (!last)
        return std::nullopt;
    return Diagnosis{.verdict = Finding::Verdict::note,
                     .cause = concat(escape(unit.name), " is active, after ", restarts_of(unit),
                                     "; its last run ended: ", last->cause),
                     .remedy = last->remedy};
}

std::optional<Diagnosis> diagnose(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    if (has_failed(unit))
        return diagnose_failure(symptoms);
    if (unit.active_state == "inactive")
        return diagnose_inactive(symptoms);
    if (auto found = find_dropped_messages(symptoms))
        return found;
    if (unit.active_state == "activating")
        return symptoms.machine ? diagnose_machine_start(symptoms) : diagnose_start(symptoms);
    if (auto found = find_removal(symptoms))
        return found;
    if (auto found = find_failed_reload(symptoms))
        return found;
    return diagnose_pid_file(unit, symptoms.command, set_setting(symptoms, "PIDFile="));
}

}  // namespace notifybridge::diagnosis
