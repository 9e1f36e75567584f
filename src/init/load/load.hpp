#pragma once

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
    /// One that has no files.
    explicit LoadedUnit(unit::UnitName name) : id(std::move(name)) {}

    unit::UnitName id;
    unit::LoadState state = unit::LoadState::not_found;
    /// All its lines are in the settings, and not only those before one that is refused.
    bool is_complete = false;
    int error = 0;                    ///< Where `state` is `error`: why, as errno has it.
    util::Rare<unit::Names> aliases;  ///< Its other names.
    std::string fragment_path;        ///< Empty where there is none.
    /// In the order in which they are read, those included that cannot be, or that are masked.
    util::Rare<unit::Paths> drop_in_paths;
    unit::Settings settings;
    /// Which of its files there were, and when they had changed: others make another number.
    /// Whoever reads them on a disk sets it.
    std::size_t stamp = 0;

    /// All of them, `id` first.
    std::vector<std::string> names() const;
};

/// The drop-ins that there are for a unit of these names, in the order in which they are read.
std::vector<std::string> find_drop_ins(const std::vector<std::string>& names,
                                       const UnitIndex& index);

/// Reads all files of the unit called `name`: its fragment, its drop-ins, its .wants, .requires
/// and .upholds directories. Specifiers have the name that the unit has, whatever alias it is asked
/// for by. What is missing in the settings is completed and what is refused is found by `complete`.
LoadedUnit load(const unit::UnitName& name, const UnitIndex& index, const unit::Facts& facts,
                unit::Messages& messages);

}  // namespace notifybridge::load
