#pragma once

#include <string_view>

#include "init/rules/manager/engine_state.hpp"

/// The graph of units: loads them, and adds the edges between them.
namespace notifybridge::manager {

/// Returns the unit with this name or alias. If necessary, loads the unit, and then all units at
/// the other ends of its edges.
///
/// If the directories have changed, searches again for units that were not found. Like systemd,
/// does not read the files of other units again.
Unit& get_unit(EngineState& engine, const unit::UnitName& name);

/// Adds an edge that the files of `from` name, and its inverse. Ignores an edge from a unit to
/// itself.
void add_edge(Unit& from, Relation relation, Unit& to);
/// Adds an edge to the unit with this name. Loads that unit if necessary.
void add_edge(EngineState& engine, Unit& from, Relation relation, std::string_view name);
void add_lasting_edge(UnitTable& units, Unit& from, Relation relation, Unit& to);

/// Returns whether a lasting edge leads to the unit, such as the edge from a socket to the service
/// of a connection.
bool has_lasting_edge(const UnitTable& units, const Unit& unit);

/// Queues a check whether the unit can be forgotten.
void suspect(UnitTable& units, const Unit& unit);
void remove_unit(UnitTable& units, Unit& unit);

/// Reads all files again, and builds all edges again. Forgets each idle unit whose name now belongs
/// to another unit.
void reload_units(EngineState& engine);

}  // namespace notifybridge::manager
