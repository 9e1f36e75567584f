#include "init/rules/manager/default_dependencies.hpp"

#include "init/files/load/type_row.hpp"
#include "init/rules/manager/unit_graph.hpp"

namespace notifybridge::manager {
namespace {

void add_named(EngineState& engine, Unit& unit) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(unit::Dependency::count); ++i) {
        const auto dependency = static_cast<unit::Dependency>(i);
        for (const std::string& name : unit.settings().unit.dependencies[dependency])
            add_edge(engine, unit, relation_of(dependency), name);
    }
}

void add_both(EngineState& engine, Unit& unit, Relation one, Relation other,
              std::string_view name) {
    add_edge(engine, unit, one, name);
    add_edge(engine, unit, other, name);
}

void add_sockets(EngineState& engine, Unit& unit) {
    for (const std::string& socket : *unit.settings().service.sockets) {
        add_both(engine, unit, Relation::wants, Relation::after, socket);
        add_edge(engine, unit, Relation::triggered_by, socket);
    }
}

void add_all(EngineState& engine, Unit& unit, std::span<const load::NamedDependency> dependencies) {
    for (const load::NamedDependency& dependency : dependencies)
        add_edge(engine, unit, relation_of(dependency.kind), dependency.name);
}

/// Orders the unit after the units that prepare the directories and temporary files for its
/// commands (systemd.exec(5), "Implicit Dependencies").
void add_implicit_of_commands(EngineState& engine, Unit& unit) {
    const unit::ExecSettings& exec = unit.settings().exec;
    const auto has = [](const unit::ExecDirectories& kind) { return !kind.directories.empty(); };
    const bool keeps =
        has(exec.state_directory) || has(exec.cache_directory) || has(exec.logs_directory);
    if (keeps)
        add_edge(engine, unit, Relation::after, "systemd-remount-fs.service");
    if (exec.private_tmp == unit::PrivateTmp::connected)
        add_edge(engine, unit, Relation::after, "systemd-tmpfiles-setup.service");
}

/// Adds the edges that the unit's type derives from the settings.
void add_implicit_of_type(EngineState& engine, Unit& unit, const load::TypeRow& type) {
    if (type.implied)
        add_all(engine, unit, type.implied(unit.settings()));
    if (!type.triggered)
        return;
    if (const std::string_view name = type.triggered(unit.settings()); !name.empty())
        add_both(engine, unit, Relation::before, Relation::triggers, name);
}

bool has_defaults(const Unit& unit) {
    return unit.loaded().state == unit::LoadState::loaded
           && unit.settings().unit.default_dependencies;
}

void order(Unit& target, Unit& unit) {
    if (load::type_row(target.type()).follows_what_it_pulls_in && has_defaults(target)
        && has_defaults(unit) && !target.dependencies.has(Effect::before, unit))
        add_edge(target, Relation::after, unit);
}

}  // namespace

void add_dependencies(EngineState& engine, Unit& unit) {
    const load::LoadedUnit& loaded = unit.loaded();
    if (loaded.state == unit::LoadState::not_found || loaded.state == unit::LoadState::masked)
        return;
    add_named(engine, unit);
    add_sockets(engine, unit);
    if (!loaded.is_complete)
        return;
    const load::TypeRow& type = load::type_row(unit.type());
    add_implicit_of_type(engine, unit, type);
    if (loaded.state == unit::LoadState::error)
        return;
    if (type.has_commands && type.has_commands(unit.settings()))
        add_implicit_of_commands(engine, unit);
    if (unit.settings().unit.default_dependencies)
        add_all(engine, unit, type.defaults);
}

void add_order_of_targets(Unit& unit) {
    for (Unit* const other : unit.dependencies.list(Effect::default_order_after))
        order(unit, *other);
    for (Unit* const target : unit.dependencies.list(Effect::default_order_before))
        order(*target, unit);
}

}  // namespace notifybridge::manager
