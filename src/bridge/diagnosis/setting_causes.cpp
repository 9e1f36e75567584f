#include "bridge/diagnosis/setting_causes.hpp"

#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;

bool is_of_stop(const UnitFacts& unit) {
    return unit.failed_command.starts_with("ExecStop");
}

std::string command_and_end(const UnitFacts& unit) {
    const std::string command = util::quote(unit.failed_command);
    if (unit.result != "timeout")
        return concat(command, ' ', unit.failed_command_end);
    return concat(command, " did not end within ",
                  is_of_stop(unit) ? "TimeoutStopSec= (" : "TimeoutStartSec= (",
                  escape(is_of_stop(unit) ? unit.timeout_stop : unit.timeout_start), ')');
}

/// Returns the .service or other unit that this unit requires and that keeps it from starting.
const UnitFacts* missing_requirement(const Symptoms& symptoms) {
    for (const UnitFacts& required : symptoms.requirements)
        if (required.active_state == "failed"
            || (required.active_state == "inactive" && required.load_state != "loaded"))
            return &required;
    return nullptr;
}

}  // namespace

std::optional<Diagnosis> find_refused_start(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const auto refused = [&](const std::string& why, std::string remedy) {
        return Diagnosis{.cause = concat(escape(unit.name), " is not started: ", why),
                         .remedy = std::move(remedy)};
    };
    if (unit.failed_command.starts_with("ExecCondition="))
        return refused(command_and_end(unit), concat("if it should run, correct this command (",
                                                     how_to_edit(symptoms), ')'));
    if (unit.is_condition_unmet && unit.condition_usec != 0)
        return refused("a condition of [Unit] was not met",
                       concat(systemctl_command(unit, "status"), " names the condition"));
    const UnitFacts* const required = missing_requirement(symptoms);
    if (!required)
        return std::nullopt;
    const std::string requires_it = concat("it requires ", escape(required->name), ", which ");
    if (required->active_state == "failed")
        return refused(concat(requires_it, "has failed"),
                       concat(journalctl_command(*required), " shows why; then ",
                              systemctl_command(unit, "start")));
    const std::string state =
        required->load_state == "not-found" ? "does not exist"
        : required->load_state == "masked"
            ? "is masked"
            : concat("systemd cannot load (", escape(required->load_state), ')');
    return refused(concat(requires_it, state),
                   concat(systemctl_command(*required, "status"),
                          " shows more; if it is not needed, remove it from Requires= (",
                          how_to_edit(symptoms), ')'));
}

}  // namespace notifybridge::diagnosis
