#pragma once

#include <string_view>

#include "init/manager/engine_state.hpp"

/// The graph of units: loads them, and adds the edges between them.
namespace notifybridge::manager {

/// Returns the unit with that name or alias. Loads it if necessary, and after it, one by one, all
/// units that its edges lead to. If the directories have changed, looks again for all units that
/// were not found; as in systemd, no other unit is read again.
Unit& get_unit(EngineState& engine, const unit::UnitName& name);

/// Adds an edge that the files of `from` name, and its inverse. Ignores an edge from a unit to
/// itself.
void add_edge(Unit& from, Relation relation, Unit& to);
/// Adds the same edge to the unit with this name. Loads that unit if necessary.
void add_edge(EngineState& engine, Unit& from, Relation relation, std::string_view name);
void add_lasting_edge(UnitTable& units, Unit& from, Relation relation, Unit& to);

/// Returns whether the unit exists only because of edges that no file names.
bool is_passing(const UnitTable& units, const Unit& unit);

/// Notes that nothing may keep the unit in memory any more.
void suspect(UnitTable& units, const Unit& unit);
void remove_unit(UnitTable& units, Unit& unit);

/// Reads all files again, and rebuilds all edges. Forgets each unit that does nothing and whose
/// name now belongs to another unit.
void reload_units(EngineState& engine);

}  // namespace notifybridge::manager
