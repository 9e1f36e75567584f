#include "bridge/diagnosis/start_causes.hpp"

#include <span>

#include "bridge/diagnosis/cause.hpp"
#include "bridge/diagnosis/failure_causes.hpp"
#include "bridge/diagnosis/ignored_ready.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/machine_causes.hpp"
#include "bridge/diagnosis/probe_faults.hpp"

namespace notifybridge::diagnosis {
std::span<const Cause> tables::starts() {
    static const Cause rows[] = {
        {.holds = [](Facts& f) { return f.symptoms.machine.has_value(); },
         .find = diagnose_machine_start},
        {[](Facts& f) { return f.unit.type == "oneshot" && is_job(f.unit) && f.symptoms.has_run; },
         "{name} runs: systemd waits for its end (Type=oneshot)",
         "if it is a service and not a job, {set Type=notify}", note},
        {[](Facts& f) { return f.unit.restarts > 0 && f.keep(last_end(f.symptoms)); },
         "{name} is starting{after_restarts}; its last run ended: {cause}", "{remedy}", note},
        {[](Facts& f) { return !unmet_probe(f.symptoms).empty(); },
         "{name} is starting{after_restarts}: waiting for {unmet_probe}", "{probe_remedy}", note},
        {[](Facts& f) { return !ignored_ready(f.symptoms).empty(); },
         "{name} is starting{after_restarts}: {ignored_ready}", "{send_ready}", note},
        {[](Facts& f) { return !f.unit.status_text.empty(); },
         "{name} is starting{after_restarts}: its last STATUS is {status}", "{why_restarted}",
         note},
        {[](Facts& f) { return !f.symptoms.has_run; },
         "{name} is starting{after_restarts}, and its app has not been started yet",
         "{why_restarted}", note},
        {[](Facts& f) {
             return f.unit.restarts == 0 && f.command.ready_when.empty()
                    && f.symptoms.starter != Starter::init;
         },
         "{name} is starting, and READY=1 has not arrived",
         "if the app does not notify, {give --ready-when=listen:PORT}", note},
        {always, "{name} is starting{after_restarts}, and READY=1 has not arrived",
         "{why_restarted}", note},
    };
    return rows;
}

std::optional<Diagnosis> diagnose_start(const Symptoms& symptoms) {
    return first_of(tables::starts(), symptoms);
}

}  // namespace notifybridge::diagnosis
