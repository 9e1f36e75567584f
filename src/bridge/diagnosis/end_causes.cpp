#include "bridge/diagnosis/end_causes.hpp"

#include <signal.h>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/tags.hpp"
#include "bridge/diagnosis/cause.hpp"

namespace notifybridge::diagnosis {
namespace {

using Kind = LogLine::Kind;
using util::concat;

bool exited_well(const Facts& facts) {
    return facts.end && facts.end->success();
}

/// Finds an app that ended before its probes succeeded. `wrap` logs the probe's state as an error,
/// which is only a consequence.
bool ended_before_probe(Facts& facts) {
    return facts.end && !was_active(facts.unit)
           && facts.keep(last_tagged(facts, tags::ended_early));
}

bool ended_well_before_probe(Facts& facts) {
    const std::string well = concat(": ", describe(process::ExitStatus::exited(0)), ", ");
    return ended_before_probe(facts) && facts.part.find(well) != facts.part.npos;
}

/// Finds what `wrap` in a container has logged about a program that it could not execute
/// (podman-run(1), EXIT STATUS).
bool is_not_executed(Facts& facts, int status) {
    return facts.keep(last_tagged(facts, tags::cannot_run)) && facts.line->writer != Writer::ours
           && facts.may_have_status(status);
}

/// Returns whether one of the signals has killed the app. A container manager's exit status of 128
/// + the signal counts, too; `was_killed` is only about the main process.
bool ended_by(const Facts& facts, std::initializer_list<int> signals) {
    return facts.end && std::ranges::find(signals, signal_of(*facts.end)) != signals.end();
}

constexpr const char* fix_app = "fix what the app reports; its whole output: {journal}";

/// A job or a server that ended with status 0 although it was not ready.
constexpr const char* ended_well_too_early =
    "the app ended with status 0 before it was ready{last_words}";
constexpr const char* set_job_type =
    "if it is a job that ends, {set Type=oneshot}; if it is a server, have the container run a "
    "command that stays in the foreground ({edit})";
constexpr const char* set_job_probe =
    "if it is a job that ends, change the option to --ready-when=exit in ExecStart= ({edit}); if "
    "it is a server, have the container run a command that stays in the foreground ({edit})";

}  // namespace

std::span<const Cause> tables::ends() {
    static const Cause rows[] = {
        // A stop.
        {[](Facts& f) { return f.keep_first(last_tagged(f, tags::started_again)); }, "{said}",
         "restart the unit instead of its container: {start_again}"},
        {[](Facts& f) {
             return (timed_out(f) || !span_before_kill(f.symptoms).empty())
                    && f.keep(last_tagged(f, tags::cannot_signal));
         },
         "{said}",
         "if the app has a user of its own, add --cap-add=KILL to podman or docker, or CAP_KILL to "
         "CapabilityBoundingSet= of the unit ({edit})"},
        {[](Facts& f) { return timed_out(f) && f.command.stop_timeout.empty(); },
         "the service did not stop within TimeoutStopSec= ({timeout_stop}), and systemd killed it",
         "{set TimeoutStopSec= to what the app needs}"},
        {[](Facts& f) { return timed_out(f); },
         "the service did not stop within TimeoutStopSec= ({timeout_stop}), and systemd killed it; "
         "--stop-timeout is {stop_timeout}",
         "{set TimeoutStopSec=} to more than --stop-timeout"},
        {[](Facts& f) { return f.keep(span_before_kill(f.symptoms)); },
         "the app did not end within {found} (--stop-timeout) after its stop signal, and was "
         "killed",
         "if the app needs another signal, set STOPSIGNAL in its image, or --stop-signal= of the "
         "container manager; if it needs more time, {give a longer --stop-timeout=}, and {set "
         "TimeoutStopSec=} to more than --stop-timeout"},

        // What `wrap` and `wait` have logged about the end.
        {[](Facts& f) { return ended_well_before_probe(f) && f.command.ready_when.empty(); },
         ended_well_too_early, set_job_type},
        {ended_well_before_probe, ended_well_too_early, set_job_probe},
        {ended_before_probe, "the app ended before it was ready: it {end}{last_words}", fix_app},
        {[](Facts& f) { return is_not_executed(f, process::status_not_found); }, "{said}",
         "check that the image has this program, at this path; to edit the unit: {edit}"},
        {[](Facts& f) { return is_not_executed(f, process::status_cannot_run); }, "{said}",
         "check that this program is executable, and is for the architecture of this machine "
         "(`uname -m`); to edit the unit: {edit}"},
        // `wrap` was killed, and so could not record the end of its run.
        {[](Facts& f) {
             return f.keep(last_of(f, Kind::error))
                    && util::contains(f.line->tags, tags::run_broke_off);
         },
         "{said}", "{start_again}"},
        {[](Facts& f) { return f.keep(last_of(f, Kind::error)) && f.line->writer == Writer::ours; },
         "{said}", "{follow}"},

        // The end of the main process.
        {[](Facts& f) { return has_result(f, "oom-kill"); },
         "the kernel killed a process of the unit for lack of memory",
         "if MemoryMax= is set, raise it; otherwise free memory"},
        {[](Facts& f) {
             return was_killed(f) && (f.unit.kill_mode == "process" || f.unit.kill_mode == "none");
         },
         "its main process {end}, and KillMode={kill_mode} left its container running",
         "{set KillMode=mixed}"},
        {[](Facts& f) { return was_killed(f); }, "its main process {end}", "{start_again}"},
        {[](Facts& f) { return exited_well(f) && !was_active(f.unit) && f.command.only_creates; },
         "`{manager} create` makes a container and does not start it",
         "use `run` instead of `create` ({edit})"},
        {[](Facts& f) {
             return exited_well(f) && !was_active(f.unit) && f.command.ready_when.empty();
         },
         ended_well_too_early, set_job_type},
        {[](Facts& f) { return exited_well(f) && !was_active(f.unit); }, ended_well_too_early,
         set_job_probe},
        {[](Facts& f) { return f.end && f.end->code == process::status_failed && !has_app_run(f); },
         "notifybridge or the container manager could not start the app (exit status 125)",
         "{journal} shows why"},
        {[](Facts& f) { return ended_by(f, {SIGHUP}); },
         "the app {app_end}, which it does not handle{last_words}",
         "if ExecReload= sends the signal and the app has no reload, remove ExecReload= ({edit})"},
        {[](Facts& f) { return ended_by(f, {SIGKILL}); },
         "the app {app_end}, for example by `{manager} kill` or for lack of memory{last_words}",
         "{start_again}"},
        {[](Facts& f) {
             return ended_by(f, {SIGTERM, SIGINT, SIGQUIT});
         },
         "the app {app_end}, for example by `{manager} stop`{last_words}", "{start_again}"},
        {[](Facts& f) { return f.end.has_value(); }, "the app {app_end}{last_words}", fix_app},
        // systemd has forgotten the exit status. "SIG" begins the line about a signal that asked
        // `wait` to end, or that a watchdog sent.
        {[](Facts& f) { return f.keep(logged_end(f.symptoms)) && f.part.starts_with("SIG"); },
         "{said}", fix_app},
        {[](Facts& f) { return f.keep(logged_end(f.symptoms)); }, "{said}{last_words}", fix_app},
        {[](Facts& f) {
             return find_own_line(f.symptoms, [](const LogLine&) { return true; }) != nullptr;
         },
         "its main process has ended{last_words}", "{journal} shows why"},
    };
    return rows;
}

std::optional<Diagnosis> find_end(const Symptoms& symptoms) {
    return first_of(tables::ends(), symptoms);
}

}  // namespace notifybridge::diagnosis
