#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/system/mounts.hpp"
#include "base/util/function_ref.hpp"
#include "init/files/install/below_root.hpp"
#include "init/files/install/installer.hpp"
#include "init/files/load/built_in.hpp"
#include "init/files/load/load.hpp"
#include "init/files/load/unit_index.hpp"

namespace notifybridge::install {

/// A reader of unit files for the manager, which also determines the state of each file.
class UnitFiles {
public:
    /// Reads units from `unit_path` ($SYSTEMD_UNIT_PATH). If `unit_path` is empty, reads units from
    /// the default directories below `root`. Links below `root` do not lead out of it.
    UnitFiles(std::string root, std::string_view unit_path, unit::Facts facts);

    /// Reads one unit. Stores the problems in the unit's files for `report`. Does not find files
    /// that were added after the last scan of the directories.
    load::LoadedUnit load(const unit::UnitName& name);

    /// Returns the problems in the unit's files that were found since the last call. Also logs
    /// them. Logs a problem again only if its file has changed, because units may share a file.
    std::vector<unit::Message> report(const std::string& unit);
    void forget_problems(const std::string& unit) { problems_.erase(unit); }

    /// Returns whether a file of the unit was changed, added or removed after the unit was read.
    bool have_changed(const load::LoadedUnit& unit);

    /// Returns the state of a unit that has a file, such as "enabled" or "static". Returns "bad" on
    /// failure. Returns an empty text if there is no directory for links.
    std::string state_of(const std::string& unit) const;
    /// Returns "enabled" or "disabled", as the presets require for this file. Returns an empty text
    /// if `path` is empty.
    std::string preset_of(const std::string& path) const;
    /// Returns the files that `ctl list-unit-files` lists and whose names `is_wanted` accepts.
    /// Their paths include the root directory. The list is empty without a directory for links.
    ListedFiles list(util::FunctionRef<bool(const std::string& name)> is_wanted) const;

    /// Scans the directories again if they have changed. Does not scan them while generators write
    /// units. Returns the number of the last scan.
    std::uint64_t scan_if_changed();
    /// Scans the directories.
    void scan();
    /// Prevents scans of the directories while generators run. Must be called before they run.
    void begin_to_generate() { are_being_generated_ = true; }
    /// Allows scans again, and scans the directories. Must be called after generators have written
    /// their units.
    void end_to_generate();
    bool are_being_generated() const { return are_being_generated_; }
    /// Frees the index of the directories. The next use builds a new index.
    void forget() { index_.reset(); }

    /// Returns the directories on disk in which we search for units.
    std::vector<std::string> directories() const {
        return {directories_.begin(), directories_.end() - 1};
    }

    /// Returns the root directory. Returns an empty text for the root directory of this system.
    const std::string& root() const { return root_; }
    const unit::Facts& facts() const { return facts_; }

private:
    /// Returns false if both a root directory and a unit path are set.
    bool has_directory_for_links() const { return root_.empty() || unit_path_.empty(); }
    Installer installer() const;
    std::vector<std::int64_t> change_times() const;
    std::size_t stamp_of(const load::LoadedUnit& unit, std::int64_t fragment_time,
                         const std::vector<std::string>& drop_ins) const;
    std::optional<std::int64_t> source_time_of(const load::LoadedUnit& unit);
    bool is_outdated() const;

    void log_once(const std::vector<unit::Message>& messages);

    std::string root_;
    std::string unit_path_;
    BelowRoot files_;
    system::Mounts mounts_;
    load::BuiltInSource source_{files_};
    std::vector<std::string> directories_;
    std::vector<std::string> real_directories_;  ///< The directories on disk, with links resolved.
    unit::Facts facts_;
    std::unique_ptr<load::UnitIndex> index_;  ///< Null if the directories must be scanned.
    /// The time of the last scan of the directories, in nanoseconds since 1970.
    std::int64_t last_scan_time_ = 0;
    bool are_being_generated_ = false;
    std::uint64_t scans_ = 0;
    /// The change time of each directory at the last scan.
    std::vector<std::int64_t> change_times_;
    /// The problems that we have not logged yet, by the names of their units.
    std::map<std::string, std::vector<unit::Message>, std::less<>> problems_;
    /// The hashes of logged problems, combined with the change times of their files.
    std::unordered_set<std::size_t> logged_;
};

}  // namespace notifybridge::install
