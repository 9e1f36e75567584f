#include "bridge/diagnosis/failure_causes.hpp"

#include <signal.h>

#include <algorithm>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/diagnosis/cause.hpp"
#include "bridge/diagnosis/end_causes.hpp"
#include "bridge/diagnosis/ignored_ready.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/machine_causes.hpp"
#include "bridge/diagnosis/manager_faults.hpp"
#include "bridge/diagnosis/probe_faults.hpp"
#include "bridge/diagnosis/sandbox_causes.hpp"
#include "bridge/diagnosis/start_words.hpp"
#include "bridge/diagnosis/time_limit.hpp"

namespace notifybridge::diagnosis {
namespace {

using Kind = LogLine::Kind;
using util::concat;
using util::escape;

/// Returns whether the start took longer than systemd, `wait` or `wrap` allows.
bool started_late(const Facts& facts) {
    return passed_limit(facts.symptoms).has_value();
}

/// Returns whether systemd stopped the unit after RuntimeMaxSec=.
bool ran_for_limit(Facts& facts) {
    const UnitFacts& unit = facts.unit;
    if (!timed_out(facts) || !was_active(unit) || unit.main_ended_usec < unit.active_usec)
        return false;
    return unit.main_ended_usec - unit.active_usec
           >= static_cast<std::uint64_t>(unit.runtime_limit.count());
}

bool is_of_stop(const Facts& facts) {
    return facts.unit.failed_command.starts_with("ExecStop");
}

/// Returns whether a command such as ExecStartPost= is the cause, and not the end of the main
/// process.
bool command_failed(const Facts& facts) {
    const UnitFacts& unit = facts.unit;
    if (unit.failed_command.empty())
        return false;
    if (unit.failed_command.starts_with("ExecStartPost="))
        return !was_active(unit);
    return !is_of_stop(facts) || (was_active(unit) && has_ended_well(unit));
}

/// Returns whether the unit ended because somebody has asked it to stop. systemd counts such an end
/// as a failure, unless the app exits with 0 or a status of SuccessExitStatus=. A crash during the
/// stop is a failure.
bool ended_on_request(const Facts& facts) {
    if (!facts.symptoms.was_asked_to_stop || !facts.end || !span_before_kill(facts.symptoms).empty()
        || (!has_result(facts, "signal") && !has_result(facts, "exit-code")))
        return false;
    const int signal = signal_of(*facts.end);
    return signal == 0 || process::asks_for_end(signal);
}

/// Returns whether the start timed out because systemd does not wait for READY=1 in units of this
/// type.
bool is_deaf(const Facts& facts, std::string_view type) {
    return timed_out(facts) && !was_active(facts.unit) && !waits_until_ready(facts.unit)
           && facts.unit.type == type;
}

/// Returns what systemd has logged about the process that should become the main process: ": Failed
/// at step EXEC spawning /bin/app: No such file or directory". Returns an empty text if there is no
/// such line.
std::string failed_step(const Symptoms& symptoms) {
    const std::string unit = concat(symptoms.unit.name, ": ");
    const auto words = start_words(symptoms.unit);
    const std::string program = concat(" spawning ", words.empty() ? "" : words.front(), ": ");
    for (const LogLine& line : symptoms.log | std::views::reverse) {
        const std::string_view text = line.text;
        if (line.writer == Writer::systemd && text.starts_with(unit + "Failed at step ")
            && text.find(program) != text.npos)
            return concat(": ", escape(text.substr(unit.size())));
    }
    return {};
}

/// Finds a main process that systemd could not set up (systemd.exec(5), PROCESS EXIT CODES).
/// Without a line in the log, the app may have exited with this status itself.
bool is_not_set_up(Facts& facts) {
    constexpr int first_of_systemd = 200;
    constexpr int last_of_systemd = 245;
    return facts.unit.main_code == CLD_EXITED && facts.unit.main_status >= first_of_systemd
           && facts.unit.main_status <= last_of_systemd
           && (facts.keep(failed_step(facts.symptoms)) || facts.symptoms.log.empty());
}

constexpr int status_exec = 203;

/// Returns whether podman, docker or nerdctl may have failed before the start of the app. After the
/// start, lines like theirs belong to the app.
bool may_be_fault_of_manager(Facts& facts) {
    const auto& end = facts.end;
    const bool may_be =
        end ? end->code >= process::status_failed && end->code <= process::status_not_found
            : last_tagged(facts, tags::app_not_started) != nullptr;
    return may_be && !has_app_run(facts);
}

/// Finds a container manager that ended before it had started the app. Leaves causes to others that
/// say more.
bool ended_before_app(Facts& facts) {
    return !facts.command.only_creates && !has_result(facts, "oom-kill")
           && facts.keep_first(last_tagged(facts, tags::app_not_started));
}

/// Finds the last message of `wrap` about a failed health check: "unhealthy: connection refused".
bool is_unhealthy(Facts& facts) {
    constexpr std::string_view word = "unhealthy";  // Also begins a STATUS.
    const LogLine* const line = last_tagged(facts, tags::unhealthy);
    const std::string& text = line ? line->text : facts.unit.status_text;
    return has_result(facts, "watchdog") && text.starts_with(word) && facts.keep(util::quote(text));
}

/// Finds how long before SIGABRT the last ping was sent, as the warning about SIGABRT says it: "3.0
/// s". The container may have written the line, so accepts nothing but a time span.
bool has_pinged(Facts& facts) {
    const LogLine* const line = last_tagged(facts, tags::late_ping);
    return line && has_result(facts, "watchdog") && facts.keep(time_span_in(line->text));
}

bool has_status_with(const Facts& facts, std::string_view words) {
    return facts.unit.status_text.find(words) != std::string::npos;
}

/// Returns whether READY=1 came from another process than the main process, so that systemd ignored
/// it. relay::warn_of_main_process logs this for any NotifyAccess=. Its line cannot be one of ours,
/// because it comes from another process than the main process.
bool is_not_main_process(Facts& facts) {
    return started_late(facts) && facts.unit.notify_access == "main"
           && !facts.command.translates_main_pid
           && facts.keep_first(last_tagged(facts, tags::other_main_pid));
}

/// Returns whether `wrap` ignored a READY=1. Its log names the process that sent READY=1.
bool is_ready_ignored(Facts& facts) {
    const std::string unmet = unmet_probe(facts.symptoms);
    const bool waits_for_ready = unmet.empty() || unmet.starts_with("notify");
    return started_late(facts) && waits_for_ready && !ignored_ready(facts.symptoms).empty();
}

/// Finds a signal that somebody sent during the start, as `systemctl kill` does. `wait` then logs
/// why READY=1 has not come, because it does not know whether the time was over (Result=timeout).
bool was_ended_in_start(Facts& facts) {
    return has_result(facts, "protocol") && facts.keep_first(last_tagged(facts, tags::before_ready))
           && facts.part.starts_with("SIG");
}

/// Finds the reason that `wait` logs if no `wrap` has started in the shared directory.
bool is_wrap_missing(Facts& facts) {
    return facts.keep_reason(last_tagged(facts, tags::no_wrap));
}

}  // namespace

std::span<const Cause> tables::failures() {
    static const Cause rows[] = {
        {ran_for_limit, "systemd stopped it after RuntimeMaxSec= ({runtime_limit})",
         "if it should run longer, {set RuntimeMaxSec=}; if it should start again, {set "
         "Restart=always}"},

        // Other commands of the unit.
        {[](Facts& f) { return command_failed(f) && timed_out(f) && is_of_stop(f); },
         "{failed_command} did not end within TimeoutStopSec= ({timeout_stop}){end_beside_command}",
         "if the command only needs more time, {set TimeoutStopSec=}; its output: {journal}"},
        {[](Facts& f) { return command_failed(f) && timed_out(f); },
         "{failed_command} did not end within TimeoutStartSec= "
         "({timeout_start}){end_beside_command}",
         "if the command only needs more time, {set TimeoutStartSec=}; its output: {journal}"},
        {[](Facts& f) { return command_failed(f); },
         "{failed_command} {failed_command_end}{end_beside_command}",
         "correct this command ({edit}); its output: {journal}"},

        // A stop that somebody has requested.
        {[](Facts& f) { return ended_on_request(f) && was_killed(f) && f.unit.type == "oneshot"; },
         "a stop was requested, and its main process {end}, which is a failure with Type=oneshot",
         "if it may end like this at a stop, {set SuccessExitStatus={exit_status}}", note},
        {[](Facts& f) { return ended_on_request(f) && was_killed(f); },
         "a stop was requested, and its main process {end}{last_words}",
         "if it may end like this at a stop, {set SuccessExitStatus={exit_status}}", note},
        {[](Facts& f) { return ended_on_request(f); },
         "a stop was requested, and the app {end}{last_words}",
         "if it may end like this at a stop, {set SuccessExitStatus={exit_status}}", note},

        // Types of units in which systemd does not wait for READY=1.
        {[](Facts& f) { return is_deaf(f, "oneshot") && is_job(f.unit); },
         "Type=oneshot: the job did not end within TimeoutStartSec= ({timeout_start})",
         "{set a longer TimeoutStartSec=}; if it is a service and not a job, set Type=notify"},
        {[](Facts& f) { return is_deaf(f, "oneshot"); },
         "Type=oneshot: systemd waits until the main process has ended, and not for READY=1",
         "{set Type=notify}"},
        {[](Facts& f) { return is_deaf(f, "forking"); },
         "Type=forking: systemd waits until the main process has forked and ended, and not for "
         "READY=1",
         "{set Type=notify}"},

        // The app was not started.
        {.holds = always, .find = find_sandbox},
        // A subcommand that did not start, for example because of a wrong option, a directory in
        // use, or wrong settings of docker. `wrap` in a container exits with 125 then.
        {[](Facts& f) {
             return f.keep(last_of(f, Kind::refusal))
                    && (f.line->writer == Writer::ours
                        || f.may_have_status(process::status_failed));
         },
         "{said}", "{follow}"},
        {[](Facts& f) { return is_not_set_up(f) && f.unit.main_status == status_exec; },
         "systemd cannot execute the program of ExecStart= (203/EXEC){found}",
         "check that the program exists and is executable: {edit}"},
        {is_not_set_up,
         "systemd could not set up the process of the service (exit status {exit_status}){found}",
         "{journal} shows which setting fails"},
        {.holds = always, .find = find_machine_fault},
        {.holds = may_be_fault_of_manager, .find = manager_fault},
        {[](Facts& f) {
             return ended_before_app(f) && f.part.find(" was killed by ") != f.part.npos;
         },
         "{said}{last_words}", "{start_again}"},
        {ended_before_app, "{said}{last_words}",
         "fix what the command reports; its whole output: {journal}"},
        {[](Facts& f) { return is_daemon(f) && !was_active(f.unit); },
         "the app put itself into the background, and its first process ended with status 0 before "
         "it was ready{last_words}",
         "configure the app to stay in the foreground ({edit})"},

        // A WATCHDOG=1 that did not arrive in time.
        {is_unhealthy,
         "WATCHDOG=1 did not arrive within WatchdogSec= ({watchdog}): the container reported "
         "{found}",
         "{journal} shows why the app failed its health check"},
        {[](Facts& f) {
             return has_result(f, "watchdog") && f.unit.status_text.starts_with(channel::not_alive);
         },
         "WATCHDOG=1 did not arrive within WatchdogSec= ({watchdog}): its last STATUS is {status}",
         "if the app is well, correct --alive-when= ({edit}); otherwise {journal} shows why the "
         "app hung"},
        {[](Facts& f) { return has_result(f, "watchdog") && !f.command.alive_when.empty(); },
         "WATCHDOG=1 did not arrive within WatchdogSec= ({watchdog}): --alive-when={alive_when} "
         "did not succeed",
         "{journal} shows why the app hung"},
        {has_pinged,
         "WATCHDOG=1 did not arrive within WatchdogSec= ({watchdog}): the last WATCHDOG=1 was sent "
         "{found} before",
         "if the app pings less often, {set WatchdogSec= above the time between its pings}; if it "
         "hung, {journal} shows why"},
        {[](Facts& f) { return has_result(f, "watchdog") && last_tagged(f, tags::no_ping); },
         "WATCHDOG=1 did not arrive within WatchdogSec= ({watchdog})",
         "if the app does not ping, {give --alive-when={ready_when}}; if its library needs "
         "WATCHDOG_PID, --watchdog-pid"},
        {[](Facts& f) { return has_result(f, "watchdog"); },
         "WATCHDOG=1 did not arrive within WatchdogSec= ({watchdog})",
         "if the app does not ping, {give --alive-when={ready_when}}"},

        // A command, such as podman's client, that failed while its app was still running.
        {[](Facts& f) { return f.keep_first(last_tagged(f, tags::command_failed)); }, "{said}",
         "{start_again}"},

        // A start that took too long.
        {[](Facts& f) { return started_late(f) && has_status_with(f, is_pulling); },
         "READY=1 did not arrive within {limit}: its last STATUS is {status}",
         "pull the image before the start: `{manager} pull {image}`; or {more_time}"},
        {[](Facts& f) { return started_late(f) && has_status_with(f, is_creating); },
         "READY=1 did not arrive within {limit}: its last STATUS is {status}",
         "{set a longer TimeoutStartSec=}"},
        {is_not_main_process,
         "READY=1 did not arrive within {limit}: {said}; systemd ignores messages of other "
         "processes (NotifyAccess=main)",
         "start notifybridge with `exec` in the script of ExecStart=, and use User= instead of su "
         "or sudo ({edit})"},
        {is_ready_ignored, "READY=1 did not arrive within {limit}: {ignored_ready}",
         "{send_ready}"},
        {[](Facts& f) { return started_late(f) && !unmet_probe(f.symptoms).empty(); },
         "READY=1 did not arrive within {limit}: waiting for {unmet_probe}", "{probe_remedy}"},
        {was_ended_in_start, "{said}: somebody sent the signal, as `systemctl kill` does",
         "{start_again}"},
        {is_wrap_missing, "{said}", "{follow}"},
        {[](Facts& f) { return started_late(f) && f.symptoms.starter == Starter::init; },
         "READY=1 did not arrive within {limit}: init did not reach its target unit{last_status}",
         "{more_time}"},
        {[](Facts& f) { return started_late(f) && f.command.ready_when.empty(); },
         "READY=1 did not arrive within {limit}: the app did not send READY=1, and no probe is "
         "set{why_no_check}{last_status}",
         "{missing_probe}"},
        {[](Facts& f) { return started_late(f); },
         "READY=1 did not arrive within {limit}: the app was not ready{last_status}",
         "if the app is only slow, {more_time}"},

        {.holds = always, .find = find_end},
    };
    return rows;
}

std::optional<Diagnosis> last_end(const Symptoms& symptoms) {
    return symptoms.last_run ? first_of(tables::failures(), symptoms_of_last_run(symptoms))
                             : std::nullopt;
}

Diagnosis first_cause(const Symptoms& symptoms) {
    const auto found = first_of(tables::failures(), symptoms);
    return found ? *found
                 : Diagnosis{.cause = "systemd did not start its main process",
                             .remedy = fill_in("{journal} shows why", Facts(symptoms))};
}

}  // namespace notifybridge::diagnosis
