#include "init/rules/manager/emergency.hpp"

#include "base/util/concat.hpp"
#include "init/rules/manager/request.hpp"
#include "init/rules/manager/unit_graph.hpp"

namespace notifybridge::manager {

using unit::EmergencyAction;
using util::concat;

namespace {

struct Orderly {
    std::string_view target;
    std::string_view word;
};

/// Returns the target of an orderly shutdown, and the word for the log message. Returns empty texts
/// for a forced shutdown.
Orderly orderly(EmergencyAction action) {
    switch (action) {
        case EmergencyAction::reboot:
            return {"reboot.target", "Rebooting"};
        case EmergencyAction::poweroff:
            return {"poweroff.target", "Powering off"};
        case EmergencyAction::exit:
            return {"exit.target", "Exiting"};
        case EmergencyAction::soft_reboot:
            return {"soft-reboot.target", "Rebooting"};
        case EmergencyAction::kexec:
            return {"kexec.target", "Rebooting"};
        case EmergencyAction::halt:
            return {"halt.target", "Halting"};
        default:
            return {};
    }
}

}  // namespace

void act(EngineState& engine, EmergencyAction action, std::optional<std::uint8_t> status,
         std::string_view reason, bool is_bad) {
    if (action == EmergencyAction::none)
        return;
    const bool exits = action == EmergencyAction::exit || action == EmergencyAction::exit_force;
    if (exits && status)
        engine.exit_status = *status;
    const Orderly end = orderly(action);
    if (end.target.empty())
        return engine.surroundings.end(action, engine.exit_status);
    engine.surroundings.say(is_bad ? util::Severity::warning : util::Severity::notice, nullptr,
                            concat(end.word, ": ", reason));
    Unit& target = get_unit(engine, *unit::UnitName::parse(end.target));
    const auto enqueued =
        enqueue(engine, JobType::start, target, unit::JobMode::replace_irreversibly);
    if (enqueued.job != 0)
        return;
    // Shut down at once if the target cannot be started.
    target.say(util::Severity::error, enqueued.refusal.text);
    engine.surroundings.end(action, engine.exit_status);
}

}  // namespace notifybridge::manager
