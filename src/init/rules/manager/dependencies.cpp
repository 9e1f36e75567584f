#include "init/rules/manager/dependencies.hpp"

#include <algorithm>
#include <array>

#include "base/util/literal.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::manager {
namespace {

struct Row {
    util::Literal name;
    Relation inverse;
    Effects effects;
};

using enum Effect;
using R = Relation;

constexpr Effects single(Effect effect) {
    return static_cast<Effects>(effect);
}

// `need` has the effects of each relation to a needed unit, and `needed` has those of its inverse.
// If a unit goes down, the engine checks whether the units that it needs are still needed. If the
// unit is a target, it is ordered after the units that it needs.
constexpr Effects need = checks_need | default_order_after;
constexpr Effects needed = pins | default_order_before;
constexpr Effects required_by =
    needed | propagate_stop | propagate_restart | propagate_start_failure;

/// The effects of each relation (systemd.unit(5), [UNIT] SECTION OPTIONS). The rows are in the
/// order of the enumeration Relation.
constexpr auto rows = std::to_array<Row>({
    {"Requires", R::required_by, need | pull_in_start | retroactive_start_replace},
    {"RequiredBy", R::requires_unit, required_by},
    {"Requisite", R::requisite_of, need | pull_in_verify},
    {"RequisiteOf", R::requisite, required_by | propagate_inactive_start_as_failure},
    {"Wants", R::wanted_by, need | pull_in_start_ignored | retroactive_start_fail},
    {"WantedBy", R::wants, needed},
    {"BindsTo", R::bound_by,
     need | pull_in_start | retroactive_start_replace | cannot_be_active_without},
    {"BoundBy", R::binds_to, required_by | retroactive_stop_on_stop | checks_bound},
    {"PartOf", R::consists_of, single(default_order_after)},
    {"ConsistsOf", R::part_of, propagate_stop | propagate_restart},
    {"Upholds", R::upheld_by,
     need | pull_in_start_ignored | retroactive_start_replace | starts_upheld},
    {"UpheldBy", R::upholds, needed | Effect::upheld_by},
    {"Conflicts", R::conflicted_by, pull_in_stop | retroactive_stop_on_start},
    {"ConflictedBy", R::conflicts,
     pull_in_stop_ignored | retroactive_stop_on_start | propagate_stop_failure},
    {"Before", R::after, single(before)},
    {"After", R::before, single(after)},
    {"OnSuccess", R::on_success_of, single(on_success)},
    {"OnSuccessOf", R::on_success, 0},
    {"OnFailure", R::on_failure_of, single(on_failure)},
    {"OnFailureOf", R::on_failure, 0},
    {"Triggers", R::triggered_by, single(triggers)},
    {"TriggeredBy", R::triggers, single(triggered_by)},
    {"PropagatesReloadTo", R::reload_propagated_from, single(propagate_reload)},
    {"ReloadPropagatedFrom", R::propagates_reload_to, 0},
    {"PropagatesStopTo", R::stop_propagated_from, retroactive_stop_on_stop | propagate_stop},
    {"StopPropagatedFrom", R::propagates_stop_to, 0},
    {"JoinsNamespaceOf", R::joins_namespace_of, 0},
});
static_assert(rows.size() == static_cast<std::size_t>(Relation::count));

constexpr const Row& row(Relation relation) {
    return rows[static_cast<std::size_t>(relation)];
}

constexpr std::uint32_t bit(Relation relation) {
    return std::uint32_t(1) << static_cast<unsigned>(relation);
}

bool is_loaded_before(const Dependencies::Edge& edge, const Unit& other) {
    return edge.unit->serial() < other.serial();
}

}  // namespace

std::string_view to_string(Relation relation) noexcept {
    return row(relation).name;
}

Relation inverse(Relation relation) noexcept {
    return row(relation).inverse;
}

Effects effects_of(Relation relation) noexcept {
    return row(relation).effects;
}

Relation relation_of(unit::Dependency dependency) noexcept {
    // The relations are in the order of the enumeration unit::Dependency.
    static constexpr auto relations = std::to_array<Relation>({
        R::requires_unit,
        R::requisite,
        R::wants,
        R::binds_to,
        R::upholds,
        R::conflicts,
        R::before,
        R::after,
        R::on_success,
        R::on_failure,
        R::propagates_reload_to,
        R::reload_propagated_from,
        R::propagates_stop_to,
        R::stop_propagated_from,
        R::part_of,
        R::joins_namespace_of,
    });
    static_assert(relations.size() == static_cast<std::size_t>(unit::Dependency::count));
    return relations[static_cast<std::size_t>(dependency)];
}

std::vector<Relation> Dependencies::Edge::list() const {
    std::vector<Relation> all;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Relation::count); ++i)
        if (const auto relation = static_cast<Relation>(i); (relations & bit(relation)) != 0)
            all.push_back(relation);
    return all;
}

bool Dependencies::add(Relation relation, Unit& other, Effects more) {
    auto at = std::lower_bound(edges_.begin(), edges_.end(), other, is_loaded_before);
    if (at == edges_.end() || at->unit != &other)
        at = edges_.insert(at, {&other, 0, 0});
    const bool is_new = (at->relations & bit(relation)) == 0;
    at->relations |= bit(relation);
    at->effects |= effects_of(relation) | more;
    return is_new;
}

void Dependencies::remove(const Unit& other) {
    std::erase_if(edges_, [&other](const Edge& edge) { return edge.unit == &other; });
}

const Dependencies::Edge* Dependencies::find(const Unit& other) const {
    const auto at = std::lower_bound(edges_.begin(), edges_.end(), other, is_loaded_before);
    return at == edges_.end() || at->unit != &other ? nullptr : &*at;
}

bool Dependencies::has(Effect effect, const Unit& other) const {
    const Edge* const edge = find(other);
    return edge && (edge->effects & single(effect)) != 0;
}

bool Dependencies::has(Effect effect) const {
    return !with(effect).empty();
}

std::vector<Unit*> Dependencies::list(Effect effect) const {
    std::vector<Unit*> units;
    for (Unit& unit : with(effect))
        units.push_back(&unit);
    return units;
}

std::vector<Unit*> Dependencies::list(Relation relation) const {
    std::vector<Unit*> units;
    for (const Edge& edge : edges_)
        if ((edge.relations & bit(relation)) != 0)
            units.push_back(edge.unit);
    return units;
}

}  // namespace notifybridge::manager
