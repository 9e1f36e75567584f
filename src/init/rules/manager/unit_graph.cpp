#include "init/rules/manager/unit_graph.hpp"

#include <algorithm>
#include <utility>

#include "init/rules/manager/default_dependencies.hpp"
#include "init/rules/manager/forget.hpp"

namespace notifybridge::manager {
namespace {

bool is_idle(const Unit& unit) {
    return !unit.job && !unit.nop_job && is_down(unit.active_state());
}

void add_edge_with(Unit& from, Relation relation, Unit& to, Effects of_inverse) {
    if (&from == &to)
        return;
    from.dependencies.add(relation, to);
    to.dependencies.add(inverse(relation), from, of_inverse);
}

void register_names(UnitTable& units, Unit& unit) {
    units.by_name.insert_or_assign(unit.id(), &unit);
    for (const std::string& alias : *unit.loaded().aliases)
        units.by_name.emplace(alias, &unit);
    units.by_name.emplace(unit.key(), &unit);
}

Unit& get_or_load(EngineState& engine, const unit::UnitName& name) {
    UnitTable& units = engine.units;
    if (Unit* const unit = units.find(name.text()))
        return *unit;
    load::LoadedUnit loaded = engine.load(name);
    // The unit may already be loaded under another name.
    if (Unit* const unit = units.find(loaded.id.text())) {
        units.by_name.emplace(name.text(), unit);
        return *unit;
    }
    auto made = engine.make(std::move(loaded));
    Unit& unit = *made;
    units.by_serial.emplace(unit.serial(), std::move(made));
    register_names(units, unit);
    units.by_name.emplace(name.text(), &unit);
    units.without_edges.push_back(&unit);
    // Queue a check, because a unit that was only queried can be forgotten at once.
    suspect(units, unit);
    return unit;
}

/// Adds the edges of all new units. Loads the units at the other ends, and adds their edges, too.
void add_missing_edges(EngineState& engine) {
    std::vector<Unit*>& units = engine.units.without_edges;
    for (std::size_t i = 0; i < units.size(); ++i)
        add_dependencies(engine, *units[i]);
    for (Unit* const unit : std::exchange(units, {}))
        add_order_of_targets(*unit);
}

void read_again(EngineState& engine, Unit& unit, load::LoadedUnit loaded) {
    unit.replace(std::move(loaded));
    if (is_idle(unit) && unit.key() != unit.id()) {
        if (engine.hooks.on_forget)
            engine.hooks.on_forget(unit);
        unit.forget_first_id();
    }
    engine.units.without_edges.push_back(&unit);
    suspect(engine.units, unit);
}

/// Renames `unit`, which is not idle, to the name that its files have now. If an idle unit had this
/// name, returns that unit. If a unit that is not idle has the name, both units keep their names.
Unit* take_name(EngineState& engine, Unit& unit, load::LoadedUnit loaded) {
    std::vector<Unit*>& reloaded = engine.units.without_edges;
    const auto other = std::ranges::find(reloaded, loaded.id.text(), &Unit::id);
    const bool is_taken = other != reloaded.end();
    if (is_taken && !is_idle(**other)) {
        read_again(engine, unit, load::LoadedUnit(unit.loaded().id));
        return nullptr;
    }
    Unit* const idle = is_taken ? *other : nullptr;
    std::erase(reloaded, idle);
    read_again(engine, unit, std::move(loaded));
    return idle;
}

/// Reads all files again. Returns the units whose names now belong to other units.
std::vector<Unit*> read_all_again(EngineState& engine) {
    std::vector<Unit*> merged;
    std::vector<std::pair<Unit*, load::LoadedUnit>> renamed;
    for (const auto& [serial, unit] : engine.units.by_serial) {
        load::LoadedUnit loaded = engine.load(unit->loaded().id);
        unit->dependencies.clear();
        if (loaded.id == unit->loaded().id)
            read_again(engine, *unit, std::move(loaded));
        else if (is_idle(*unit))
            merged.push_back(unit.get());
        else
            renamed.emplace_back(unit.get(), std::move(loaded));
    }
    for (auto& [unit, loaded] : renamed)
        if (Unit* const idle = take_name(engine, *unit, std::move(loaded)))
            merged.push_back(idle);
    return merged;
}

/// Moves the edges and the names of `missing` to `unit`. `missing` is a unit without a file. Its
/// name is now an alias of `unit`.
void merge_missing(UnitTable& units, Unit& missing, Unit& unit) {
    const auto referenced = static_cast<Effects>(Effect::referenced_by);
    for (const Dependencies::Edge& edge : missing.dependencies.edges()) {
        Unit& other = *edge.unit;
        for (const Relation relation : edge.list())
            if (&other != &unit)
                add_edge_with(other, inverse(relation), unit, edge.effects & referenced);
        other.dependencies.remove(missing);
    }
    missing.dependencies.clear();
    for (auto& [name, known] : units.by_name)
        if (known == &missing)
            known = &unit;
}

void load_missing_again(EngineState& engine, Unit& unit) {
    load::LoadedUnit loaded = engine.load(unit.loaded().id);
    if (loaded.state == unit::LoadState::not_found)
        return;
    Unit* const other = engine.units.find(loaded.id.text());
    if (!other || other == &unit) {
        read_again(engine, unit, std::move(loaded));
        register_names(engine.units, unit);
    } else if (is_idle(unit)) {
        merge_missing(engine.units, unit, *other);
        suspect(engine.units, unit);
    }
}

void look_for_missing(EngineState& engine) {
    if (!engine.hooks.before_loading)
        return;
    const std::uint64_t scan = engine.hooks.before_loading();
    if (std::exchange(engine.units.last_scan, scan) == scan)
        return;
    for (const auto& [serial, unit] : engine.units.by_serial)
        if (unit->loaded().state == unit::LoadState::not_found)
            load_missing_again(engine, *unit);
    const std::vector<Unit*> found = engine.units.without_edges;
    add_missing_edges(engine);
    for (Unit* const unit : found)
        unit->settings_changed();
}

}  // namespace

Unit& get_unit(EngineState& engine, const unit::UnitName& name) {
    look_for_missing(engine);
    Unit& unit = get_or_load(engine, name);
    add_missing_edges(engine);
    return unit;
}

void add_edge(Unit& from, Relation relation, Unit& to) {
    add_edge_with(from, relation, to, static_cast<Effects>(Effect::referenced_by));
}

void add_edge(EngineState& engine, Unit& from, Relation relation, std::string_view name) {
    const auto valid = unit::UnitName::parse(name);
    if (valid && valid->kind() != unit::NameKind::template_unit)
        add_edge(from, relation, get_or_load(engine, *valid));
}

void add_lasting_edge(UnitTable& units, Unit& from, Relation relation, Unit& to) {
    add_edge_with(from, relation, to, 0);
    units.lasting.push_back({&from, relation, &to});
}

bool has_lasting_edge(const UnitTable& units, const Unit& unit) {
    return std::ranges::any_of(units.lasting,
                               [&unit](const LastingEdge& edge) { return edge.to == &unit; });
}

void suspect(UnitTable& units, const Unit& unit) {
    units.suspects.insert(unit.serial());
}

void remove_unit(UnitTable& units, Unit& unit) {
    for (const Dependencies::Edge& edge : unit.dependencies.edges()) {
        edge.unit->dependencies.remove(unit);
        suspect(units, *edge.unit);
    }
    std::erase_if(units.lasting, [&unit](const LastingEdge& edge) {
        return edge.from == &unit || edge.to == &unit;
    });
    std::erase_if(units.by_name, [&unit](const auto& entry) { return entry.second == &unit; });
    units.deadlines.set(unit.serial(), 0);
    units.by_serial.erase(unit.serial());
}

void reload_units(EngineState& engine) {
    UnitTable& units = engine.units;
    units.by_name.clear();
    for (Unit* const unit : read_all_again(engine))
        forget(engine, *unit);
    for (Unit* const unit : units.without_edges)
        units.by_name.emplace(unit->id(), unit);
    for (Unit* const unit : units.without_edges)
        register_names(units, *unit);
    const std::vector<Unit*> reloaded = units.without_edges;
    for (const LastingEdge& edge : units.lasting)
        add_edge_with(*edge.from, edge.relation, *edge.to, 0);
    add_missing_edges(engine);
    for (Unit* const unit : reloaded)
        unit->settings_changed();
}

}  // namespace notifybridge::manager
