#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "init/load/unit_index.hpp"
#include "init/unit/load_state.hpp"
#include "init/unit/messages.hpp"
#include "init/unit/name.hpp"
#include "init/unit/settings.hpp"
#include "init/unit/specifier.hpp"

namespace notifybridge::load {

struct LoadedUnit {
    /// Creates a unit without files.
    explicit LoadedUnit(unit::UnitName name) : id(std::move(name)) {}

    unit::UnitName id;
    unit::LoadState state = unit::LoadState::not_found;
    /// Whether the settings have all lines, not only those before a refused one.
    bool is_complete = false;
    int error = 0;                    ///< The errno if `state` is `error`.
    util::Rare<unit::Names> aliases;  ///< Its other names.
    std::string fragment_path;        ///< Empty if there is none.
    std::int64_t fragment_time = 0;   ///< The result of `time_of_fragment` before it was read.
    /// In reading order, including unreadable and masked ones.
    util::Rare<unit::Paths> drop_in_paths;
    unit::Settings settings;
    /// A hash of the paths and change times of its files and of SourcePath=, set by
    /// install::UnitFiles.
    std::size_t stamp = 0;

    /// Returns all names, `id` first.
    std::vector<std::string> names() const;
};

/// Returns when the fragment changed, in nanoseconds since 1970. The time of a mask does not count.
std::int64_t time_of_fragment(const FileStatus& status);

/// Returns the drop-ins of a unit with these names, in the order in which they are read.
std::vector<std::string> find_drop_ins(const std::vector<std::string>& names,
                                       const UnitIndex& index);

/// Reads all files of the unit called `name`: its fragment, its drop-ins, and its .wants, .requires
/// and .upholds directories. Specifiers use the unit's own name, even if `name` is an alias. Call
/// `complete` next: it sets the missing settings, and finds what systemd refuses.
LoadedUnit load(const unit::UnitName& name, const UnitIndex& index, const unit::Facts& facts,
                unit::Messages& messages);

}  // namespace notifybridge::load
