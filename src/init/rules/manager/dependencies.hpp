#pragma once

#include <cstdint>
#include <ranges>
#include <string_view>
#include <vector>

#include "init/files/unit/settings.hpp"

namespace notifybridge::manager {

class Unit;

/// A relation of two units (systemd.unit(5), "Mapping of unit properties to their inverses"). Both
/// units have an edge. The edge of one unit has the relation, and the edge of the other unit has
/// the inverse relation.
enum class Relation : std::uint8_t {
    requires_unit,
    required_by,
    requisite,
    requisite_of,
    wants,
    wanted_by,
    binds_to,
    bound_by,
    part_of,
    consists_of,
    upholds,
    upheld_by,
    conflicts,
    conflicted_by,
    before,
    after,
    on_success,
    on_success_of,
    on_failure,
    on_failure_of,
    triggers,
    triggered_by,
    propagates_reload_to,
    reload_propagated_from,
    propagates_stop_to,
    stop_propagated_from,
    joins_namespace_of,
    count,
};

/// Returns the name of the property: "Requires", "RequiredBy", ... (org.freedesktop.systemd1(5)).
std::string_view to_string(Relation relation) noexcept;
Relation inverse(Relation relation) noexcept;
/// Returns the relation that a directive creates.
Relation relation_of(unit::Dependency dependency) noexcept;

/// An effect of an edge on the unit itself or on the unit at the other end. Most relations have
/// several effects. The engine searches for edges by effect, not by relation.
enum class Effect : std::uint32_t {
    // Effects on a transaction: which jobs pull in others.
    pull_in_start = 1U << 0,
    pull_in_start_ignored = 1U << 1,  ///< If this start is refused, the transaction continues.
    pull_in_verify = 1U << 2,
    pull_in_stop = 1U << 3,
    pull_in_stop_ignored = 1U << 4,
    propagate_stop = 1U << 5,
    propagate_restart = 1U << 6,
    propagate_reload = 1U << 7,
    // Effects of the end of a job.
    propagate_start_failure = 1U << 8,
    propagate_stop_failure = 1U << 9,
    propagate_inactive_start_as_failure = 1U << 10,
    // Effects of a change of state that no job requested.
    retroactive_start_replace = 1U << 11,
    retroactive_start_fail = 1U << 12,
    retroactive_stop_on_start = 1U << 13,
    retroactive_stop_on_stop = 1U << 14,
    // Effects of any change of state.
    checks_need = 1U << 15,  ///< If this unit is down, the other unit may not be needed any more.
    pins = 1U << 16,         ///< While the other unit is up, it needs this unit.
    cannot_be_active_without = 1U << 17,
    checks_bound = 1U << 18,   ///< If this unit is down, the other unit may have to stop.
    starts_upheld = 1U << 19,  ///< While this unit is up, the other unit must be up.
    upheld_by = 1U << 20,
    on_success = 1U << 21,
    on_failure = 1U << 22,
    triggers = 1U << 23,
    triggered_by = 1U << 24,
    // Effects on the order of jobs.
    before = 1U << 25,
    after = 1U << 26,
    // Effects that order a target after the units that it pulls in. The edge of the target has the
    // first effect, and the edge of the other unit has the second.
    default_order_after = 1U << 27,
    default_order_before = 1U << 28,
    /// The files of the other unit refer to this unit. The kind of relation does not matter. This
    /// unit therefore stays in memory.
    referenced_by = 1U << 29,
};

using Effects = std::uint32_t;

constexpr Effects operator|(Effect a, Effect b) {
    return static_cast<Effects>(a) | static_cast<Effects>(b);
}
constexpr Effects operator|(Effects a, Effect b) {
    return a | static_cast<Effects>(b);
}

Effects effects_of(Relation relation) noexcept;

/// The edges of one unit, in the order in which the other units were loaded.
class Dependencies {
public:
    struct Edge {
        Unit* unit;
        std::uint32_t relations;  ///< One bit for each relation.
        Effects effects;

        std::vector<Relation> list() const;
    };

    /// Adds an edge with the effects of the relation and the effects in `more`. Returns whether the
    /// edge is new.
    bool add(Relation relation, Unit& other, Effects more = 0);
    void remove(const Unit& other);
    void clear() { edges_.clear(); }

    bool has(Effect effect, const Unit& other) const;
    bool has(Effect effect) const;

    const std::vector<Edge>& edges() const { return edges_; }

    /// Returns a view of the units with this effect. The view becomes invalid if an edge is added.
    auto with(Effect effect) const {
        return edges_ | std::views::filter([effect](const Edge& edge) {
                   return (edge.effects & static_cast<Effects>(effect)) != 0;
               })
               | std::views::transform([](const Edge& edge) -> Unit& { return *edge.unit; });
    }
    /// Returns a copy, which stays valid when edges are added or removed.
    std::vector<Unit*> list(Effect effect) const;
    std::vector<Unit*> list(Relation relation) const;

private:
    const Edge* find(const Unit& other) const;

    std::vector<Edge> edges_;
};

}  // namespace notifybridge::manager
