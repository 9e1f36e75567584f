#include "init/manager/unit_graph.hpp"

#include <algorithm>

#include "init/manager/default_dependencies.hpp"
#include "init/manager/engine.hpp"
#include "init/manager/unit.hpp"

namespace notifybridge::manager {
namespace {

bool is_idle(const Unit& unit) {
    return !unit.job && !unit.nop_job && is_down(unit.active_state());
}

}  // namespace

UnitGraph::UnitGraph(Engine& engine, Loader load, Factory make)
    : engine_(engine), load_(std::move(load)), make_(std::move(make)) {}

UnitGraph::~UnitGraph() = default;

Unit& UnitGraph::unit(const unit::UnitName& name) {
    if (engine_.before_loading && !find(name.text()))
        engine_.before_loading();
    Unit& unit = get_or_load(name);
    add_edges_of_loaded();
    return unit;
}

Unit* UnitGraph::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

Unit* UnitGraph::find(std::uint64_t serial) const {
    const auto found = units_.find(serial);
    return found == units_.end() ? nullptr : found->second.get();
}

std::vector<Unit*> UnitGraph::units() const {
    std::vector<Unit*> units;
    for (const auto& [name, unit] : by_name_)
        if (unit->id() == name)
            units.push_back(unit);
    std::ranges::sort(units, {}, &Unit::id);
    return units;
}

Unit& UnitGraph::get_or_load(const unit::UnitName& name) {
    if (Unit* const unit = find(name.text()))
        return *unit;
    load::LoadedUnit loaded = load_(name);
    // It may be loaded already under another name.
    if (Unit* const unit = find(loaded.id.text())) {
        by_name_.emplace(name.text(), unit);
        return *unit;
    }
    auto made = make_(engine_, std::move(loaded));
    Unit& unit = *made;
    units_.emplace(unit.serial(), std::move(made));
    register_names(unit);
    by_name_.emplace(name.text(), &unit);
    loaded_.push_back(&unit);
    // A unit that was only asked about is to be forgotten again.
    suspect(unit);
    return unit;
}

void UnitGraph::register_names(Unit& unit) {
    by_name_.insert_or_assign(unit.id(), &unit);
    for (const std::string& alias : *unit.loaded().aliases)
        by_name_.emplace(alias, &unit);
    by_name_.emplace(unit.key(), &unit);
}

/// A unit that an edge leads to is loaded on the way, and then has its turn.
void UnitGraph::add_edges_of_loaded() {
    for (std::size_t i = 0; i < loaded_.size(); ++i)
        add_dependencies(*this, *loaded_[i]);
    for (Unit* const unit : std::exchange(loaded_, {}))
        add_order_of_targets(*unit);
}

void UnitGraph::add(Unit& from, Relation relation, Unit& to) {
    add_with(from, relation, to, static_cast<Effects>(Effect::referenced_by));
}

void UnitGraph::add_with(Unit& from, Relation relation, Unit& to, Effects of_inverse) {
    if (&from == &to)
        return;
    from.dependencies.add(relation, to);
    to.dependencies.add(inverse(relation), from, of_inverse);
}

void UnitGraph::add(Unit& from, Relation relation, std::string_view name) {
    const auto valid = unit::UnitName::parse(name);
    if (valid && valid->kind() != unit::NameKind::template_unit)
        add(from, relation, get_or_load(*valid));
}

void UnitGraph::add_lasting(Unit& from, Relation relation, Unit& to) {
    add_with(from, relation, to, 0);
    lasting_.push_back({&from, relation, &to});
}

bool UnitGraph::is_passing(const Unit& unit) const {
    return std::ranges::any_of(lasting_,
                               [&unit](const LastingEdge& edge) { return edge.to == &unit; });
}

void UnitGraph::suspect(const Unit& unit) {
    suspects_.insert(unit.serial());
}

void UnitGraph::remove(Unit& unit) {
    for (const Dependencies::Edge& edge : unit.dependencies.edges()) {
        edge.unit->dependencies.remove(unit);
        suspect(*edge.unit);
    }
    std::erase_if(lasting_, [&unit](const LastingEdge& edge) {
        return edge.from == &unit || edge.to == &unit;
    });
    std::erase_if(by_name_, [&unit](const auto& entry) { return entry.second == &unit; });
    units_.erase(unit.serial());
}

void UnitGraph::read_again(Unit& unit, load::LoadedUnit loaded) {
    unit.replace(std::move(loaded));
    if (is_idle(unit) && unit.key() != unit.id()) {
        if (engine_.on_forget)
            engine_.on_forget(unit);
        unit.first_id_ = {};
    }
    loaded_.push_back(&unit);
    suspect(unit);
}

/// A unit that is up goes on under the name that its files have now. Returns the idle unit that had
/// the name, if any; a busy one keeps it, and both stay.
Unit* UnitGraph::take_name(Unit& unit, load::LoadedUnit loaded) {
    const auto other = std::ranges::find(loaded_, loaded.id.text(), &Unit::id);
    const bool is_taken = other != loaded_.end();
    if (is_taken && !is_idle(**other)) {
        read_again(unit, load::LoadedUnit(unit.loaded().id));
        return nullptr;
    }
    Unit* const idle = is_taken ? *other : nullptr;
    std::erase(loaded_, idle);
    read_again(unit, std::move(loaded));
    return idle;
}

void UnitGraph::reload(const std::function<void(Unit&)>& let_go) {
    by_name_.clear();
    std::vector<Unit*> merged;
    std::vector<std::pair<Unit*, load::LoadedUnit>> renamed;
    for (const auto& [serial, unit] : units_) {
        load::LoadedUnit loaded = load_(unit->loaded().id);
        unit->dependencies.clear();
        if (loaded.id == unit->loaded().id)
            read_again(*unit, std::move(loaded));
        else if (is_idle(*unit))
            merged.push_back(unit.get());
        else
            renamed.emplace_back(unit.get(), std::move(loaded));
    }
    for (auto& [unit, loaded] : renamed)
        if (Unit* const idle = take_name(*unit, std::move(loaded)))
            merged.push_back(idle);
    for (Unit* const unit : merged)
        let_go(*unit);
    for (Unit* const unit : loaded_)
        by_name_.emplace(unit->id(), unit);
    for (Unit* const unit : loaded_)
        register_names(*unit);
    const std::vector<Unit*> reloaded = loaded_;
    for (const LastingEdge& edge : lasting_)
        add_with(*edge.from, edge.relation, *edge.to, 0);
    add_edges_of_loaded();
    for (Unit* const unit : reloaded)
        unit->settings_changed();
}

}  // namespace notifybridge::manager
