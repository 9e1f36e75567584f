#include "bridge/diagnosis/check_unit.hpp"

#include "base/system/clock.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/last_run.hpp"
#include "bridge/diagnosis/start_check.hpp"
#include "bridge/diagnosis/unit_check.hpp"
#include "bridge/diagnosis/unit_search.hpp"

namespace notifybridge::diagnosis {

Symptoms read_symptoms(const UnitFacts& unit, bool has_run) {
    // systemd has forgotten the start of an inactive unit that no other unit refers to.
    const bool is_forgotten = unit.active_state == "inactive" && unit.invocation_id.empty();
    const bool is_well =
        (unit.active_state == "inactive" && is_job(unit)) || (is_ready(unit) && has_run);
    Symptoms symptoms =
        symptoms_of(unit, is_well ? std::vector<LogLine>()
                                  : log_of(unit, is_forgotten ? Start::previous : Start::last));
    symptoms.has_run = has_run;
    symptoms.now = system::now();
    // The log of the current run does not show why the run before failed.
    if (was_just_restarted(unit, symptoms.now)) {
        const UnitFacts run = last_run_of(unit);
        symptoms.last_run = {.unit = run, .log = log_of(run, Start::previous)};
    }
    symptoms.was_asked_to_stop = has_failed(unit) && was_asked_to_stop(unit);
    if (symptoms.machine)
        symptoms.machine->is_reachable = is_reachable(*symptoms.machine);
    if (has_failed(unit) || unit.active_state == "inactive")
        symptoms.sockets = query_units(unit, triggers_of(unit, ".socket"));
    if (unit.active_state == "inactive") {
        symptoms.timers = query_units(unit, triggers_of(unit, ".timer"));
        symptoms.requirements = query_units(unit, unit.required);
    }
    return symptoms;
}

bool check_unit(Findings& found, const UnitFacts& unit, const std::string& directory) {
    const Symptoms symptoms = read_symptoms(unit, false);
    const auto diagnosis = diagnose(symptoms);
    const bool is_down =
        has_failed(unit) || unit.active_state == "inactive" || unit.active_state == "activating";
    if (diagnosis)
        found.add(diagnosis->verdict, "unit", diagnosis->cause, diagnosis->remedy);
    else
        judge_idle_unit(found, unit);
    judge_file(found, unit);
    judge_private_tmp(found, unit, directory);
    if (is_down && !symptoms.log.empty())
        return true;
    // If there is no log, only these checks of the container's start can show the cause.
    Findings start;
    check_start(start, symptoms.command,
                {.user = unit.user.value_or(0),
                 .search_path = variable_in_unit(unit, "PATH"),
                 .docker_host = variable_in_unit(unit, "DOCKER_HOST")});
    for (const Finding& finding : start.all())
        if (!is_down || finding.verdict == Finding::Verdict::problem)
            found.add(finding.verdict, finding.subject, finding.text, finding.advice);
    return is_down;
}

}  // namespace notifybridge::diagnosis
