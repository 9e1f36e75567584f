#include "bridge/diagnosis/diagnosis.hpp"

#include <span>

#include "bridge/diagnosis/cause.hpp"
#include "bridge/diagnosis/failure_causes.hpp"
#include "bridge/diagnosis/inactive_causes.hpp"

namespace notifybridge::diagnosis {
namespace {

/// Returns whether the start limit is reached. Since systemd 254, `result` shows this. In earlier
/// versions, `result` only describes the last failure.
bool is_limit_hit(Facts& facts) {
    const UnitFacts& unit = facts.unit;
    return unit.active_state == "failed"
           && (unit.result == "start-limit-hit"
               || (unit.start_limit != 0 && unit.restarts >= unit.start_limit));
}

/// Returns whether the unit is well, but was started too often by somebody other than systemd.
/// `restarts` counts only the restarts by systemd.
bool was_started_too_often(Facts& facts) {
    const UnitFacts& unit = facts.unit;
    return unit.result == "start-limit-hit" && unit.restarts < unit.start_limit
           && has_ended_well(unit) && was_active(unit) && unit.failed_command.empty();
}

Diagnosis diagnose_failure(const Symptoms& symptoms) {
    Facts facts(symptoms);
    facts.keep(first_cause(symptoms));
    facts.units = names_in_state(symptoms.sockets, "failed");
    Diagnosis found = *first_of(tables::failed(), facts);
    found.verdict = facts.other->verdict;
    return found;
}

}  // namespace

/// What systemd does with a failed unit. {cause} and {remedy} are those of the failure.
std::span<const Cause> tables::failed() {
    static const Cause rows[] = {
        {was_started_too_often,
         "{name} was started {start_limit} times in a short time, and systemd does not start it "
         "again (StartLimitBurst=){failed_sockets}",
         "{systemctl reset-failed}, then {start_with_units}"},
        {is_limit_hit,
         "{name} has failed {start_limit} times in a row, and systemd does not start it again: "
         "{cause}{failed_sockets}",
         "{remedy}; then run {systemctl reset-failed} and {start_with_units}"},
        {[](Facts& f) { return f.unit.active_state == "activating"; },
         "{name} has failed and will be restarted ({result}): {cause}{failed_sockets}",
         "{remedy}{then_units}"},
        {[](Facts& f) { return f.unit.active_state == "deactivating"; },
         "{name} has failed and is stopping ({result}): {cause}{failed_sockets}",
         "{remedy}{then_units}"},
        {always, "{name} has failed ({result}): {cause}{failed_sockets}", "{remedy}{then_units}"},
    };
    return rows;
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
    const bool has_failed_before = symptoms.last_run && !symptoms.last_run->unit.result.empty()
                                   && symptoms.last_run->unit.result != "success";
    Facts facts(symptoms);
    if (!is_ready(symptoms.unit) || !has_failed_before || !facts.keep(last_end(symptoms)))
        return std::nullopt;
    return Diagnosis{
        .verdict = Finding::Verdict::note,
        .cause = fill_in("{name} is active, after {restarts}; its last run ended: {cause}", facts),
        .remedy = facts.other->remedy};
}

std::optional<Diagnosis> diagnose(const Symptoms& symptoms) {
    if (has_failed(symptoms.unit))
        return diagnose_failure(symptoms);
    return symptoms.unit.active_state == "inactive" ? diagnose_inactive(symptoms)
                                                    : first_of(tables::running(), symptoms);
}

}  // namespace notifybridge::diagnosis
