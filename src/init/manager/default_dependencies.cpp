#include "init/manager/default_dependencies.hpp"

#include "init/load/type_row.hpp"
#include "init/manager/unit.hpp"
#include "init/manager/unit_graph.hpp"

namespace notifybridge::manager {
namespace {

void add_named(UnitGraph& graph, Unit& unit) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(unit::Dependency::count); ++i) {
        const auto dependency = static_cast<unit::Dependency>(i);
        for (const std::string& name : unit.settings().unit.dependencies[dependency])
            graph.add(unit, relation_of(dependency), name);
    }
}

void add_both(UnitGraph& graph, Unit& unit, Relation one, Relation other, std::string_view name) {
    graph.add(unit, one, name);
    graph.add(unit, other, name);
}

void add_sockets(UnitGraph& graph, Unit& unit) {
    for (const std::string& socket : *unit.settings().service.sockets) {
        add_both(graph, unit, Relation::wants, Relation::after, socket);
        graph.add(unit, Relation::triggered_by, socket);
    }
}

void add_all(UnitGraph& graph, Unit& unit, std::span<const load::NamedDependency> dependencies) {
    for (const load::NamedDependency& dependency : dependencies)
        graph.add(unit, relation_of(dependency.kind), dependency.name);
}

/// Its directories must be writable by then, and temporary files must exist (systemd.exec(5),
/// "Implicit Dependencies").
void add_implicit_of_commands(UnitGraph& graph, Unit& unit) {
    const unit::ExecSettings& exec = unit.settings().exec;
    const auto has = [](const unit::ExecDirectories& kind) { return !kind.directories.empty(); };
    const bool keeps =
        has(exec.state_directory) || has(exec.cache_directory) || has(exec.logs_directory);
    if (keeps)
        graph.add(unit, Relation::after, "systemd-remount-fs.service");
    if (exec.private_tmp)
        graph.add(unit, Relation::after, "systemd-tmpfiles-setup.service");
}

/// Adds what follows from settings of its type.
void add_implicit_of_type(UnitGraph& graph, Unit& unit, const load::TypeRow& type) {
    if (type.implied)
        add_all(graph, unit, type.implied(unit.settings()));
    if (!type.triggered)
        return;
    if (const std::string_view name = type.triggered(unit.settings()); !name.empty())
        add_both(graph, unit, Relation::before, Relation::triggers, name);
}

bool has_defaults(const Unit& unit) {
    return unit.loaded().state == unit::LoadState::loaded
           && unit.settings().unit.default_dependencies;
}

void order(Unit& target, Unit& unit) {
    if (load::type_row(target.type()).follows_what_it_pulls_in && has_defaults(target)
        && has_defaults(unit) && !target.dependencies.has(Effect::before, unit))
        UnitGraph::add(target, Relation::after, unit);
}

}  // namespace

void add_dependencies(UnitGraph& graph, Unit& unit) {
    const load::LoadedUnit& loaded = unit.loaded();
    if (loaded.state == unit::LoadState::not_found || loaded.state == unit::LoadState::masked)
        return;
    add_named(graph, unit);
    add_sockets(graph, unit);
    if (!loaded.is_complete)
        return;
    const load::TypeRow& type = load::type_row(unit.type());
    add_implicit_of_type(graph, unit, type);
    if (loaded.state == unit::LoadState::error)
        return;
    if (type.has_commands && type.has_commands(unit.settings()))
        add_implicit_of_commands(graph, unit);
    if (unit.settings().unit.default_dependencies)
        add_all(graph, unit, type.defaults);
}

void add_order_of_targets(Unit& unit) {
    for (Unit* const other : unit.dependencies.list(Effect::default_order_after))
        order(unit, *other);
    for (Unit* const target : unit.dependencies.list(Effect::default_order_before))
        order(*target, unit);
}

}  // namespace notifybridge::manager
