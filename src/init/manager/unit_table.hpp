#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "base/util/name_map.hpp"
#include "init/manager/deadlines.hpp"
#include "init/manager/dependencies.hpp"
#include "init/manager/unit.hpp"

namespace notifybridge::manager {

/// An edge that no file names, and that stays when the files are read again.
struct LastingEdge {
    Unit* from;
    Relation relation;
    Unit* to;
};

/// All loaded units. The functions of unit_graph.hpp are the rules over it.
struct UnitTable {
    std::uint64_t last_serial = 0;
    std::uint64_t last_scan = 0;  ///< The scan in which missing units were last looked for.
    std::map<std::uint64_t, std::unique_ptr<Unit>> by_serial;
    util::NameMap<Unit*> by_name;      ///< Including aliases.
    std::vector<Unit*> without_edges;  ///< Loaded units whose edges are not added yet.
    std::vector<LastingEdge> lasting;
    /// Units that nothing may keep in memory any more, by their serials. Some may be gone.
    std::set<std::uint64_t> suspects;
    Deadlines deadlines;  ///< By the serials of units.

    Unit* find(std::string_view name) const;
    Unit* find(std::uint64_t serial) const;
    std::vector<Unit*> list() const;  ///< By their names.
};

}  // namespace notifybridge::manager
