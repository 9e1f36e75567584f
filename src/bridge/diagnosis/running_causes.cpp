#include "bridge/diagnosis/running_causes.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/tags.hpp"
#include "bridge/diagnosis/cause.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/start_causes.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;

/// A reload is only reported if it takes longer than this.
constexpr std::chrono::seconds usual_reload(5);

bool is_reloading(Facts& facts) {
    return facts.unit.active_state == "reloading" && age_of_state(facts.symptoms) >= usual_reload;
}

bool is_ours(const Symptoms& symptoms) {
    return symptoms.starter == Starter::run || symptoms.starter == Starter::wait
           || symptoms.starter == Starter::wrap;
}

}  // namespace

std::span<const Cause> tables::reloads() {
    static const Cause rows[] = {
        // systemd has sent SIGHUP and waits for RELOADING=1.
        {[](Facts& f) { return is_reloading(f) && f.unit.sub_state == "reload-signal"; },
         "{name} has been reloading for {age}: the app got SIGHUP and has not sent RELOADING=1",
         "{report_reloads}"},
        {[](Facts& f) {
             return is_reloading(f) && f.unit.sub_state == "reload" && f.unit.control_pid != 0;
         },
         "{name} has been reloading for {age}: ExecReload= still runs",
         "if the command hangs, correct it ({edit})"},
        {is_reloading,
         "{name} has been reloading for {age}: the app has sent RELOADING=1 and no READY=1 since "
         "then{last_status}",
         "the app has to send READY=1 at the end of a reload; to go on now: {systemctl restart}"},
        {[](Facts& f) {
             return f.unit.type == "notify-reload" && f.unit.active_state == "active"
                    && f.unit.reload_result == "timeout";
         },
         "{name} is active, but its last reload failed {age} ago: the app did not send RELOADING=1 "
         "and READY=1 within TimeoutStartSec= ({timeout_start}) after SIGHUP",
         "{report_reloads}; otherwise {set Type=notify and ExecReload=/bin/kill -HUP $MAINPID}"},
    };
    return rows;
}

/// What can be wrong with a unit that is not down: while it starts, and while it runs.
std::span<const Cause> tables::running() {
    static const Cause rows[] = {
        {[](Facts& f) {
             return f.symptoms.starter == Starter::quadlet && f.command.has_conmon_notify
                    && f.command.has_options;
         },
         "{name} was active before its app was ready: Notify=true is missing, so podman itself "
         "sent READY=1",
         "set Notify=true in [Container] of {source}, then {daemon_reload}"},
        {.holds = [](Facts& f) { return is_ours(f.symptoms); },
         .find =
             [](const Symptoms& symptoms) {
                 return diagnose_type(symptoms.unit, set_setting(symptoms, "Type=notify"));
             }},
        {.holds = [](Facts& f) { return f.unit.active_state == "activating"; },
         .find = diagnose_start},
        {[](Facts& f) {
             const LogLine* const line = last_tagged(f, tags::journal_removed);
             return line && line->writer == Writer::ours;
         },
         "something removed the files of the shared directory of {name}, so that its app cannot "
         "notify any more",
         "{systemctl restart}"},
        {.holds = always, .find = find_failed_reload},
        {.holds = always,
         .find =
             [](const Symptoms& symptoms) {
                 return diagnose_pid_file(symptoms.unit, symptoms.command,
                                          set_setting(symptoms, "PIDFile="));
             }},
    };
    return rows;
}

std::chrono::seconds age_of_state(const Symptoms& symptoms) {
    const std::uint64_t changed = symptoms.unit.state_usec;
    const std::uint64_t age =
        symptoms.now.monotonic > changed ? symptoms.now.monotonic - changed : 0;
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::microseconds(age));
}

std::optional<Diagnosis> find_failed_reload(const Symptoms& symptoms) {
    return first_of(tables::reloads(), symptoms);
}

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

}  // namespace notifybridge::diagnosis
