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
    /// A unit without files.
    explicit LoadedUnit(unit::UnitName name) : id(std::move(name)) {}

    unit::UnitName id;
    unit::LoadState state = unit::LoadState::not_found;
    /// Whether all its lines are in the settings, not only those before a refused one.
    bool is_complete = false;
    int error = 0;                    ///< Where `state` is `error`: why, as errno has it.
    util::Rare<unit::Names> aliases;  ///< Its other names.
    std::string fragment_path;        ///< Empty where there is none.
    std::int64_t fragment_time = 0;   ///< `time_of_fragment`, before it was read.
    /// In the order in which they are read; unreadable and masked ones are among them.
    util::Rare<unit::Paths> drop_in_paths;
    unit::Settings settings;
    /// A hash of the paths and times of change of its files and its SourcePath=, which
    /// install::UnitFiles sets.
    std::size_t stamp = 0;

    /// All of them, `id` first.
    std::vector<std::string> names() const;
};

/// When it changed, in nanoseconds since 1970. The time of a mask does not count.
std::int64_t time_of_fragment(const FileStatus& status);

/// The drop-ins that there are for a unit of these names, in the order in which they are read.
std::vector<std::string> find_drop_ins(const std::vector<std::string>& names,
                                       const UnitIndex& index);

/// Reads all files of the unit called `name`: its fragment, its drop-ins, its .wants, .requires
/// and .upholds directories. Specifiers mean the unit's own name, whatever alias it is asked for
/// by. `complete` adds what the settings lack, and finds what systemd refuses.
LoadedUnit load(const unit::UnitName& name, const UnitIndex& index, const unit::Facts& facts,
                unit::Messages& messages);

}  // namespace notifybridge::load
