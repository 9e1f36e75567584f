#include "manager/default_dependencies.hpp"

#include "manager/unit.hpp"
#include "manager/unit_graph.hpp"

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

/// Sockets=, and what Type=dbus needs.
void add_implicit_of_service(UnitGraph& graph, Unit& unit) {
    const unit::ServiceSettings& service = unit.settings().service;
    for (const std::string& socket : *service.sockets) {
        add_both(graph, unit, Relation::wants, Relation::after, socket);
        graph.add(unit, Relation::triggered_by, socket);
    }
    if (service.type == unit::ServiceType::dbus)
        add_both(graph, unit, Relation::requires_unit, Relation::after, "dbus.socket");
}

/// Service=; that of a connection is known when there is one.
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
    if (unit.loaded().state != unit::LoadState::loaded)
        return;
    add_named(graph, unit);
    if (unit.type() == UnitType::service)
        add_implicit_of_service(graph, unit);
    if (unit.type() == UnitType::socket)
        add_implicit_of_socket(graph, unit);
    if (has_defaults(unit))
        add_default(graph, unit);
}

void add_order_of_targets(Unit& unit) {
    for (Unit* const other : unit.dependencies.list(Effect::default_order_after))
        order(unit, *other);
    for (Unit* const target : unit.dependencies.list(Effect::default_order_before))
        order(*target, unit);
}

}  // namespace notifybridge::manager
