#include "bridge/status/setting_causes.hpp"

#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/time_span.hpp"
#include "bridge/status/remedy.hpp"

namespace notifybridge::status {
namespace {

using util::concat;
using util::escape;

std::string command_and_end(const UnitFacts& unit) {
    return concat(util::quote(unit.failed_command), ' ', unit.failed_command_end);
}

/// Returns whether the failed command was executed while the main process was not running, or made
/// systemd stop the main process. Otherwise, the end of the main process is the cause.
bool is_command_decisive(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const std::string_view command = unit.failed_command;
    if (command.starts_with("ExecCondition=") || command.starts_with("ExecStartPre="))
        return true;
    if (command.starts_with("ExecStartPost="))
        return !was_active(unit);
    const auto end = end_of(unit);
    return end && end->success() && was_active(unit);
}

/// Returns whether the main process ends when the app is ready.
bool waits_until_ready(const UnitFacts& unit) {
    return unit.exec_start.find(" --until") != std::string::npos;
}

/// Returns the .service or other unit that this unit requires and that keeps it from starting.
const UnitFacts* missing_requirement(const Symptoms& symptoms) {
    for (const UnitFacts& required : symptoms.requirements)
        if (required.active_state == "failed" || required.load_state == "not-found"
            || required.load_state == "masked")
            return &required;
    return nullptr;
}

}  // namespace

std::optional<Diagnosis> find_failed_command(const Symptoms& symptoms) {
    if (symptoms.unit.failed_command.empty() || !is_command_decisive(symptoms))
        return std::nullopt;
    return Diagnosis{.cause = command_and_end(symptoms.unit),
                     .remedy = concat("correct this command (", how_to_edit(symptoms),
                                      "); its output: ", journalctl_command(symptoms.unit))};
}

std::optional<Diagnosis> find_end_of_runtime(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    if (unit.result != "timeout" || !was_active(unit))
        return std::nullopt;
    const auto limit = util::parse_time_span(unit.runtime_limit);
    if (!limit || *limit == util::infinity
        || unit.main_ended_usec - unit.active_usec < static_cast<std::uint64_t>(limit->count()))
        return std::nullopt;
    return Diagnosis{
        .cause = concat("systemd stopped it after RuntimeMaxSec= (", unit.runtime_limit, ')'),
        .remedy = concat("if it should run longer, ", set_setting(symptoms, "RuntimeMaxSec="),
                         "; if it should start again, ", set_setting(symptoms, "Restart=always"))};
}

std::optional<Diagnosis> find_deaf_type(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const bool is_forking = unit.type == "forking";
    if (unit.result != "timeout" || was_active(unit) || waits_until_ready(unit)
        || (!is_forking && unit.type != "oneshot"))
        return std::nullopt;
    return Diagnosis{.cause = concat("Type=", unit.type, ": systemd waits until ",
                                     is_forking ? "the main process has forked and ended"
                                                : "the main process has ended",
                                     ", and not for READY=1"),
                     .remedy = set_setting(symptoms, "Type=notify")};
}

std::optional<Diagnosis> find_refused_start(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    const std::string name = escape(unit.name);
    const auto refused = [&](const std::string& why, std::string remedy) {
        return Diagnosis{.cause = concat(name, " is not started: ", why),
                         .remedy = std::move(remedy)};
    };
    if (unit.failed_command.starts_with("ExecCondition="))
        return refused(command_and_end(unit), how_to_edit(symptoms));
    if (unit.is_condition_unmet && unit.condition_usec != 0)
        return refused("a condition of [Unit] was not met",
                       concat(systemctl_command(unit, "status"), " names the condition"));
    const UnitFacts* const required = missing_requirement(symptoms);
    if (!required)
        return std::nullopt;
    const std::string other = escape(required->name);
    if (required->active_state != "failed")
        return refused(concat("it requires ", other, ", which is ",
                              required->load_state == "masked" ? "masked" : "not installed"),
                       how_to_edit(symptoms));
    return refused(concat("it requires ", other, ", which has failed"),
                   concat(journalctl_command(*required), " shows why; then ",
                          systemctl_command(unit, "start")));
}

}  // namespace notifybridge::status
