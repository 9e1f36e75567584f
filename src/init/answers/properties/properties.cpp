#include "init/answers/properties/properties.hpp"

#include "base/util/concat.hpp"
#include "init/answers/properties/daemon.hpp"
#include "init/answers/properties/state_properties.hpp"
#include "init/rules/manager/refusal.hpp"

namespace notifybridge::properties {

using directive::to_property;
using util::concat;

namespace {

void show_names(const manager::Unit& unit, AddProperty add) {
    for (std::size_t at = 0; at < static_cast<std::size_t>(manager::Relation::count); ++at) {
        const auto relation = static_cast<manager::Relation>(at);
        std::vector<std::string> others;
        for (const manager::Unit* const other : unit.dependencies.list(relation))
            others.push_back(other->id());
        if (!others.empty())
            add(to_string(relation), to_property(others));
    }
}

void show_states(const manager::Unit& unit, AddProperty add) {
    add("ActiveState", std::string(to_string(unit.active_state())));
    add("SubState", std::string(unit.sub_state()));
}

void show_job(const manager::Unit& unit, AddProperty add) {
    if (unit.job)
        add("Job", concat(unit.job->id));
}

void show_times(const manager::Unit& unit, AddProperty add) {
    const manager::Unit::Times& times = unit.times;
    show_moment("StateChangeTimestamp", times.state_change, add);
    show_moment("InactiveExitTimestamp", times.inactive_exit, add);
    show_moment("ActiveEnterTimestamp", times.active_enter, add);
    show_moment("ActiveExitTimestamp", times.active_exit, add);
    show_moment("InactiveEnterTimestamp", times.inactive_enter, add);
    show_moment("ConditionTimestamp", times.condition, add);
    show_moment("AssertTimestamp", times.assert, add);
    add("ConditionResult", to_property(unit.condition_result));
    add("AssertResult", to_property(unit.assert_result));
    add("InvocationID", unit.invocation_id);
}

void show_abilities(const manager::Unit& unit, Daemon& daemon, AddProperty add) {
    const bool is_loaded = unit.loaded().state == unit::LoadState::loaded;
    const unit::UnitSettings& settings = unit.settings().unit;
    add("CanStart", to_property(is_loaded && !settings.refuse_manual_start));
    add("CanStop", to_property(!settings.refuse_manual_stop));
    add("CanReload", to_property(unit.can_reload()));
    add("CanIsolate", to_property(settings.allow_isolate && !settings.refuse_manual_start));
    add("FreezerState", "running");
    for (const std::string_view list : {"Conditions", "Asserts", "ActivationDetails"})
        add(list, "[unprintable]");
    for (const std::string_view never : {"CanFreeze", "Transient", "Perpetual"})
        add(never, to_property(false));
    add("NeedDaemonReload", to_property(daemon.files.have_changed(unit.loaded())));
}

}  // namespace

void show_unit(const manager::Unit& unit, Daemon& daemon, AddProperty add) {
    States states;
    const auto collect = [&](std::string_view name, const std::string& value) {
        states.emplace(name, value);
    };
    show_state_of_type(unit, daemon, collect);
    if (unit.own_processes())
        show_usage(daemon.running.usage_of(unit), collect);
    show_names(unit, collect);
    show_states(unit, collect);
    const std::string& fragment = unit.loaded().fragment_path;
    const install::UnitFiles& files = daemon.files;
    if (const auto state = fragment.empty() ? "" : files.state_of(unit.id()); !state.empty())
        collect("UnitFileState", state);
    if (const std::string preset = files.preset_of(fragment); !preset.empty())
        collect("UnitFilePreset", preset);
    if (const auto refusal = manager::refuse_job(manager::JobType::start, unit))
        collect("LoadError", concat(refusal->is_systemds ? "org.freedesktop.systemd1."
                                                         : "org.freedesktop.DBus.Error.",
                                    refusal->error, " \"", refusal->text, '"'));
    show_times(unit, collect);
    show_abilities(unit, daemon, collect);
    show_job(unit, collect);
    complete(states);
    const auto run_of = [&unit](const unit::Command& command) { return unit.last_run(command); };
    show_settings(unit.loaded(), add, run_of, std::move(states));
}

void show_changing(const manager::Unit& unit, Daemon& daemon, AddProperty add) {
    show_state_of_type(unit, daemon, add);
    show_states(unit, add);
    show_times(unit, add);
    show_job(unit, add);
}

}  // namespace notifybridge::properties
