#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "base/util/name_map.hpp"
#include "init/rules/manager/deadlines.hpp"
#include "init/rules/manager/dependencies.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::manager {

/// An edge that does not come from a unit file. A reload of the files keeps this edge.
struct LastingEdge {
    Unit* from;
    Relation relation;
    Unit* to;
};

/// All loaded units. The functions of unit_graph.hpp implement the rules.
struct UnitTable {
    std::uint64_t last_serial = 0;
    /// The number of the scan in which we last searched for missing units.
    std::uint64_t last_scan = 0;
    std::map<std::uint64_t, std::unique_ptr<Unit>> by_serial;
    util::NameMap<Unit*> by_name;      ///< Units by name and by alias.
    std::vector<Unit*> without_edges;  ///< Loaded units whose edges are still missing.
    std::vector<LastingEdge> lasting;
    /// The serials of units that may be forgotten. Some of these units may not exist any more.
    std::set<std::uint64_t> suspects;
    Deadlines deadlines;  ///< The deadlines of units, by their serials.

    Unit* find(std::string_view name) const;
    Unit* find(std::uint64_t serial) const;
    std::vector<Unit*> list() const;  ///< Returns all units, sorted by name.
};

}  // namespace notifybridge::manager
