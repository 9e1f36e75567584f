#include "bridge/diagnosis/timeout_causes.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/time_span.hpp"
#include "bridge/diagnosis/ignored_ready.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/manager_faults.hpp"
#include "bridge/diagnosis/probe_faults.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/start_words.hpp"
#include "bridge/diagnosis/time_limit.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;

bool timed_out(const Symptoms& symptoms) {
    return symptoms.unit.result == "timeout";
}

/// Returns whether the start took longer than systemd, `wait` or `wrap` allows.
bool started_late(const Symptoms& symptoms) {
    return passed_limit(symptoms) != nullptr;
}

std::string no_ready(const Symptoms& symptoms, std::string_view why) {
    return concat("READY=1 did not arrive within ", passed_limit(symptoms)->name(symptoms), ": ",
                  why);
}

}  // namespace

bool waits_until_ready(const UnitFacts& unit) {
    return unit.exec_start.find(" --until") != std::string::npos;
}

std::optional<Diagnosis> find_end_of_runtime(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    if (!timed_out(symptoms) || !was_active(unit) || unit.main_ended_usec < unit.active_usec)
        return std::nullopt;
    const auto limit = util::parse_time_span(unit.runtime_limit);
    if (!limit || *limit == util::infinity
        || unit.main_ended_usec - unit.active_usec < static_cast<std::uint64_t>(limit->count()))
        return std::nullopt;
    return Diagnosis{
        .cause =
            concat("systemd stopped it after RuntimeMaxSec= (", escape(unit.runtime_limit), ')'),
        .remedy = concat("if it should run longer, ", set_setting(symptoms, "RuntimeMaxSec="),
                         "; if it should start again, ", set_setting(symptoms, "Restart=always"))};
}

std::optional<Diagnosis> find_deaf_type(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const bool is_forking = unit.type == "forking";
    if (!timed_out(symptoms) || was_active(unit) || waits_until_ready(unit)
        || (!is_forking && unit.type != "oneshot"))
        return std::nullopt;
    if (is_job(unit))
        return Diagnosis{
            .cause = concat("Type=oneshot: the job did not end within TimeoutStartSec= (",
                            escape(unit.timeout_start), ')'),
            .remedy = concat(set_setting(symptoms, "a longer TimeoutStartSec="),
                             "; if it is a service and not a job, set Type=notify")};
    return Diagnosis{.cause = concat("Type=", unit.type, ": systemd waits until ",
                                     is_forking ? "the main process has forked and ended"
                                                : "the main process has ended",
                                     ", and not for READY=1"),
                     .remedy = set_setting(symptoms, "Type=notify")};
}

std::optional<Diagnosis> find_slow_pull(const Symptoms& symptoms) {
    const std::string& status = symptoms.unit.status_text;
    if (!started_late(symptoms) || status.find(is_pulling) == status.npos)
        return std::nullopt;
    return Diagnosis{
        .cause = no_ready(symptoms, concat("its last STATUS is ", util::quote(status))),
        .remedy = concat("pull the image before the start: `", manager_name(symptoms), " pull ",
                         image_of(symptoms), "`; or ", more_time(symptoms))};
}

std::optional<Diagnosis> find_slow_creation(const Symptoms& symptoms) {
    const std::string& status = symptoms.unit.status_text;
    if (!started_late(symptoms) || status.find(is_creating) == status.npos)
        return std::nullopt;
    return Diagnosis{
        .cause = no_ready(symptoms, concat("its last STATUS is ", util::quote(status))),
        .remedy = set_setting(symptoms, "a longer TimeoutStartSec=")};
}

std::optional<Diagnosis> find_foreign_main_process(const Symptoms& symptoms) {
    // relay::warn_of_main_process logs this for any NotifyAccess=. Its line cannot be one of ours,
    // because it comes from another process than the main process.
    const LogLine* const line = find_line(symptoms, [](const LogLine& each) {
        return each.kind == LogLine::Kind::warning
               && each.text.starts_with("the main process of the unit is pid ");
    });
    if (!line || !started_late(symptoms) || symptoms.unit.notify_access != "main"
        || symptoms.command.translates_main_pid)
        return std::nullopt;
    return Diagnosis{
        .cause = no_ready(
            symptoms,
            concat(said(*line, std::string_view(line->text).substr(0, line->text.find(": "))),
                   "; systemd ignores messages of other processes "
                   "(NotifyAccess=main)")),
        .remedy = concat("start notifybridge with `exec` in the script of ExecStart=, and use "
                         "User= instead of su or sudo (",
                         how_to_edit(symptoms), ')')};
}

std::optional<Diagnosis> find_ignored_ready(const Symptoms& symptoms) {
    const std::string unmet = unmet_probe(symptoms);
    const bool waits_for_ready = unmet.empty() || unmet.starts_with("notify");
    if (!started_late(symptoms) || !waits_for_ready)
        return std::nullopt;
    const std::string ignored = ignored_ready(symptoms);
    if (ignored.empty())
        return std::nullopt;
    return Diagnosis{.cause = no_ready(symptoms, ignored),
                     .remedy = remedy_of_ignored_ready(symptoms)};
}

std::optional<Diagnosis> find_unmet_probe(const Symptoms& symptoms) {
    const std::string unmet = unmet_probe(symptoms);
    if (!started_late(symptoms) || unmet.empty())
        return std::nullopt;
    return Diagnosis{.cause = no_ready(symptoms, concat("waiting for ", util::quote(unmet))),
                     .remedy = remedy_of_probe(symptoms, unmet)};
}

std::optional<Diagnosis> find_late_start(const Symptoms& symptoms) {
    if (!started_late(symptoms))
        return std::nullopt;
    const std::string& status = symptoms.unit.status_text;
    const std::string last =
        status.empty() ? "" : concat("; its last STATUS is ", util::quote(status));
    if (symptoms.starter == Starter::init)
        return Diagnosis{
            .cause = no_ready(symptoms, concat("init did not reach its target unit", last)),
            .remedy = more_time(symptoms)};
    if (symptoms.command.ready_when.empty())
        return Diagnosis{
            .cause = no_ready(symptoms, concat("the app did not send READY=1, and no probe is set",
                                               reason_of_missing_check(symptoms), last)),
            .remedy = remedy_of_missing_probe(symptoms)};
    return Diagnosis{.cause = no_ready(symptoms, concat("the app was not ready", last)),
                     .remedy = concat("if the app is only slow, ", more_time(symptoms))};
}

std::optional<Diagnosis> find_late_stop(const Symptoms& symptoms) {
    if (!timed_out(symptoms))
        return std::nullopt;
    const std::string& unit_time = symptoms.unit.timeout_stop;
    const std::string& own_time = symptoms.command.stop_timeout;
    return Diagnosis{
        .cause = concat("the service did not stop within TimeoutStopSec= (", unit_time,
                        "), and systemd killed it",
                        own_time.empty() ? "" : concat("; --stop-timeout is ", escape(own_time))),
        .remedy = own_time.empty() ? set_setting(symptoms, "TimeoutStopSec= to what the app needs")
                                   : concat(set_setting(symptoms, "TimeoutStopSec="),
                                            " to more than --stop-timeout")};
}

}  // namespace notifybridge::diagnosis
