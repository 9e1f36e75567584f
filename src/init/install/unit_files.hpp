#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "init/install/below_root.hpp"
#include "init/load/built_in.hpp"
#include "init/load/load.hpp"
#include "init/load/unit_index.hpp"

namespace notifybridge::install {

/// The unit files that the manager reads, and what it says of them.
class UnitFiles {
public:
    /// `unit_path`: as of SYSTEMD_UNIT_PATH; the directories are those below `root`, and links
    /// below `root` do not lead out of it.
    UnitFiles(std::string root, std::string_view unit_path, unit::Facts facts);

    /// Reads one unit, and logs what is wrong in its files. Files that came since the last look at
    /// the directories are not found.
    load::LoadedUnit load(const unit::UnitName& name);

    /// Whether a file of the unit changed, came or went since it was read.
    bool have_changed(const load::LoadedUnit& unit);

    /// "enabled", "static", ...: whether the unit, which has a file, is enabled; "bad" where that
    /// cannot be told. Empty where the directories have no place for links.
    std::string state_of(const std::string& unit) const;
    /// "enabled" or "disabled": what presets say of this file; empty where there is none.
    std::string preset_of(const std::string& path) const;

    /// Looks at the directories again, if they have changed.
    void look_if_changed();
    /// Looks at the directories again.
    void look_again();
    /// Frees the index of the directories, which is made again when it is needed.
    void forget() { index_.reset(); }

    /// The directories on disk in which units are looked for.
    std::vector<std::string> directories() const {
        return {directories_.begin(), directories_.end() - 1};
    }

    const std::string& root() const { return root_; }  ///< Empty: the system's own.
    const unit::Facts& facts() const { return facts_; }

private:
    std::vector<std::int64_t> change_times() const;
    std::size_t stamp_of(const load::LoadedUnit& unit, std::int64_t fragment_time,
                         const std::vector<std::string>& drop_ins) const;
    bool is_outdated() const;

    std::string root_;
    std::string unit_path_;
    BelowRoot files_;
    load::BuiltInSource source_{files_};
    std::vector<std::string> directories_;
    std::vector<std::string> real_directories_;  ///< Those on disk, links resolved.
    unit::Facts facts_;
    std::unique_ptr<load::UnitIndex> index_;  ///< Null: they are to be looked at.
    std::int64_t looked_at_ = 0;              ///< Nanoseconds since 1970.
    std::vector<std::int64_t> seen_;  ///< When each directory had changed, as it was looked at.
};

}  // namespace notifybridge::install
