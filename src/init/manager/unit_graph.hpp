#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/util/name_map.hpp"
#include "init/load/load.hpp"
#include "init/manager/dependencies.hpp"

namespace notifybridge::manager {

class Engine;
class Unit;

/// All loaded units, by all their names, and the edges between them. Loads a unit when it is asked
/// for, and after it, one by one, all units that its edges lead to.
class UnitGraph {
public:
    using Loader = std::function<load::LoadedUnit(const unit::UnitName&)>;
    using Factory = std::function<std::unique_ptr<Unit>(Engine&, load::LoadedUnit)>;

    UnitGraph(Engine& engine, Loader load, Factory make);
    ~UnitGraph();
    UnitGraph(const UnitGraph&) = delete;
    UnitGraph& operator=(const UnitGraph&) = delete;

    Unit& unit(const unit::UnitName& name);
    Unit* find(std::string_view name) const;
    Unit* find(std::uint64_t serial) const;
    std::vector<Unit*> units() const;  ///< By their names.

    /// An edge and its inverse, of what `from` has in its files. None leads from a unit to itself.
    static void add(Unit& from, Relation relation, Unit& to);
    /// The same, to a unit of which only the name is known.
    void add(Unit& from, Relation relation, std::string_view name);
    /// An edge that no file has, and that stays when the files are read again.
    void add_lasting(Unit& from, Relation relation, Unit& to);

    /// Returns whether the unit exists only because of edges that no file has.
    bool is_passing(const Unit& unit) const;
    void remove(Unit& unit);

    /// Notes that nothing may be left that keeps the unit in memory, for `take_suspects`.
    void suspect(const Unit& unit);
    bool has_suspects() const { return !suspects_.empty(); }
    /// By their serial numbers; some of the units may have gone.
    std::set<std::uint64_t> take_suspects() { return std::exchange(suspects_, {}); }

    /// Reads all files again, and rebuilds all edges. Calls `let_go`, which must remove the unit,
    /// for each unit that does nothing and whose name now belongs to another unit.
    void reload(const std::function<void(Unit&)>& let_go);

    std::uint64_t next_serial() { return ++last_serial_; }

private:
    struct LastingEdge {
        Unit* from;
        Relation relation;
        Unit* to;
    };

    static void add_with(Unit& from, Relation relation, Unit& to, Effects of_inverse);
    Unit& get_or_load(const unit::UnitName& name);
    void read_again(Unit& unit, load::LoadedUnit loaded);
    Unit* take_name(Unit& unit, load::LoadedUnit loaded);
    void register_names(Unit& unit);
    void add_edges_of_loaded();

    Engine& engine_;
    Loader load_;
    Factory make_;
    std::uint64_t last_serial_ = 0;
    std::map<std::uint64_t, std::unique_ptr<Unit>> units_;  ///< By their serials.
    util::NameMap<Unit*> by_name_;                          ///< Aliases too.
    std::vector<Unit*> loaded_;  ///< Units whose edges are still to be added.
    std::vector<LastingEdge> lasting_;
    std::set<std::uint64_t> suspects_;
};

}  // namespace notifybridge::manager
