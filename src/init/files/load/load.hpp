#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "init/files/load/unit_index.hpp"
#include "init/files/unit/load_state.hpp"
#include "init/files/unit/messages.hpp"
#include "init/files/unit/name.hpp"
#include "init/files/unit/settings.hpp"
#include "init/files/unit/specifier.hpp"

namespace notifybridge::load {

struct LoadedUnit {
    /// Creates a unit without files.
    explicit LoadedUnit(unit::UnitName name) : id(std::move(name)) {}

    unit::UnitName id;
    unit::LoadState state = unit::LoadState::not_found;
    /// Whether all lines of the fragment were read. False if a line was refused, because reading
    /// stops at that line.
    bool is_complete = false;
    int error = 0;                    ///< The errno if `state` is `error`.
    util::Rare<unit::Names> aliases;  ///< The names other than `id`.
    std::string fragment_path;        ///< The path of the unit's own file, if any.
    /// The result of `time_of_fragment` for the fragment, taken before the fragment was read.
    std::int64_t fragment_time = 0;
    /// The drop-ins in the order in which they are read. Includes unreadable and masked drop-ins.
    util::Rare<unit::Paths> drop_in_paths;
    unit::Settings settings;
    /// A hash of the paths and change times of the unit's files. The class install::UnitFiles sets
    /// this hash and `source_time`.
    std::size_t stamp = 0;
    /// The change time of the file of SourcePath=. nullopt if this file was not checked.
    std::optional<std::int64_t> source_time;

    /// Returns all names of the unit, with `id` first.
    std::vector<std::string> names() const;
};

/// Returns the time at which the fragment changed, in nanoseconds since 1970. Returns 0 if the
/// fragment masks the unit.
std::int64_t time_of_fragment(const FileStatus& status);

/// Returns the drop-ins of a unit with these names, in the order in which they are read.
std::vector<std::string> find_drop_ins(const std::vector<std::string>& names,
                                       const UnitIndex& index);

/// Reads all files of the unit `name`: its own file (the fragment), its drop-ins, and its .wants,
/// .requires and .upholds directories. Specifiers use the unit's own name, even if `name` is an
/// alias.
///
/// If all lines were read, also calls `complete`. `complete` sets the missing settings, and finds
/// settings that systemd refuses.
LoadedUnit load(const unit::UnitName& name, const UnitIndex& index, const unit::Facts& facts,
                unit::Messages& messages);

}  // namespace notifybridge::load
