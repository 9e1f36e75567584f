#include "init/manager/default_dependencies.hpp"

#include "init/manager/unit.hpp"
#include "init/manager/unit_graph.hpp"

namespace notifybridge::manager {
namespace {

using unit::UnitType;

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

bool has_commands(const Unit& unit) {
    const unit::SocketSettings& socket = unit.settings().socket;
    return unit.type() != UnitType::socket
           || !(socket.exec_start_pre.empty() && socket.exec_start_post.empty()
                && socket.exec_stop_pre.empty() && socket.exec_stop_post.empty());
}

/// Its directories are to be writable by then, and temporary files made (systemd.exec(5):
/// "Automatic Dependencies").
void add_implicit_of_processes(UnitGraph& graph, Unit& unit) {
    const unit::ExecSettings& exec = unit.settings().exec;
    const auto has = [](const unit::ExecDirectories& kind) { return !kind.directories.empty(); };
    const bool keeps =
        has(exec.state_directory) || has(exec.cache_directory) || has(exec.logs_directory);
    if (keeps)
        graph.add(unit, Relation::after, "systemd-remount-fs.service");
    if (exec.private_tmp)
        graph.add(unit, Relation::after, "systemd-tmpfiles-setup.service");
}

/// Adds what Type=dbus needs.
void add_implicit_of_service(UnitGraph& graph, Unit& unit) {
    if (unit.settings().service.type == unit::ServiceType::dbus)
        add_both(graph, unit, Relation::requires_unit, Relation::after, "dbus.socket");
}

/// Service=; with Accept=yes, the service is known when there is a connection.
void add_implicit_of_socket(UnitGraph& graph, Unit& unit) {
    const unit::SocketSettings& socket = unit.settings().socket;
    if (!socket.accept)
        add_both(graph, unit, Relation::before, Relation::triggers, socket.service);
}

void add_default(UnitGraph& graph, Unit& unit) {
    const bool is_service = unit.type() == UnitType::service;
    const bool is_socket = unit.type() == UnitType::socket;
    if (is_socket)
        graph.add(unit, Relation::before, "sockets.target");
    if (is_service || is_socket)
        add_both(graph, unit, Relation::requires_unit, Relation::after, "sysinit.target");
    if (is_service)
        graph.add(unit, Relation::after, "basic.target");
    if (is_service || is_socket || unit.type() == UnitType::target)
        add_both(graph, unit, Relation::conflicts, Relation::before, "shutdown.target");
}

bool has_defaults(const Unit& unit) {
    return unit.loaded().state == unit::LoadState::loaded
           && unit.settings().unit.default_dependencies;
}

void order(Unit& target, Unit& unit) {
    if (target.type() == UnitType::target && has_defaults(target) && has_defaults(unit)
        && !target.dependencies.has(Effect::before, unit))
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
    if (unit.type() == UnitType::service)
        add_implicit_of_service(graph, unit);
    if (unit.type() == UnitType::socket)
        add_implicit_of_socket(graph, unit);
    if (loaded.state == unit::LoadState::error)
        return;
    if (has_commands(unit))
        add_implicit_of_processes(graph, unit);
    if (unit.settings().unit.default_dependencies)
        add_default(graph, unit);
}

void add_order_of_targets(Unit& unit) {
    for (Unit* const other : unit.dependencies.list(Effect::default_order_after))
        order(unit, *other);
    for (Unit* const target : unit.dependencies.list(Effect::default_order_before))
        order(*target, unit);
}

}  // namespace notifybridge::manager
