#include "bridge/diagnosis/stop_causes.hpp"

#include <string>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {

using util::concat;
using util::escape;

std::optional<Diagnosis> find_requested_stop(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const auto end = end_of(unit);
    if (!symptoms.was_asked_to_stop || !end || span_before_kill(symptoms)
        || (unit.result != "signal" && unit.result != "exit-code"))
        return std::nullopt;
    // A crash during the stop is a failure.
    if (const int signal = signal_of(*end); signal != 0 && !process::asks_for_end(signal))
        return std::nullopt;
    const bool is_signal = end->signal != 0;
    return Diagnosis{
        .verdict = Finding::Verdict::note,
        .cause =
            concat("a stop was requested, and ", is_signal ? "its main process " : "the app ",
                   process::describe(*end),
                   is_signal && unit.type == "oneshot" ? ", which is a failure with Type=oneshot"
                                                       : last_words(symptoms)),
        .remedy = concat("if it may end like this at a stop, ",
                         set_setting(symptoms, concat("SuccessExitStatus=",
                                                      is_signal ? process::signal_name(end->signal)
                                                                : concat(end->code))))};
}

std::optional<Diagnosis> find_missing_right(const Symptoms& symptoms) {
    if (symptoms.unit.result != "timeout" && !span_before_kill(symptoms))
        return std::nullopt;
    const LogLine* const line = find_line(symptoms, [](const LogLine& each) {
        return each.kind == LogLine::Kind::warning && each.text.starts_with("cannot send SIG");
    });
    if (!line)
        return std::nullopt;
    return Diagnosis{
        .cause = said(*line, line->text),
        .remedy = concat("if the app has a user of its own, add --cap-add=KILL to podman or "
                         "docker, or CAP_KILL to CapabilityBoundingSet= of the unit (",
                         how_to_edit(symptoms), ')')};
}

std::optional<Diagnosis> find_ignored_stop(const Symptoms& symptoms) {
    const auto span = span_before_kill(symptoms);
    if (!span)
        return std::nullopt;
    return Diagnosis{
        .cause = concat("the app did not end within ", escape(*span),
                        " (--stop-timeout) after its stop signal, and was killed"),
        .remedy = concat("if the app needs another signal, set STOPSIGNAL in its image, or "
                         "--stop-signal= of the container manager; if it needs more time, ",
                         give_option(symptoms, "a longer --stop-timeout="), ", and ",
                         set_setting(symptoms, "TimeoutStopSec="), " to more than --stop-timeout")};
}

}  // namespace notifybridge::diagnosis
