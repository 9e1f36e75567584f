#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/name_map.hpp"
#include "init/files/load/source.hpp"
#include "init/files/unit/messages.hpp"
#include "init/files/unit/name.hpp"

namespace notifybridge::load {

/// Returns the directories in which a system manager searches for units, the most important first
/// (systemd.unit(5), UNIT FILE LOAD PATH).
///
/// `unit_path` is $SYSTEMD_UNIT_PATH: directories separated by ":". These directories replace the
/// default ones, or precede the default ones if `unit_path` ends in ":".
std::vector<std::string> load_path(std::string_view unit_path = {});

/// An index of the files of all units. Reads each directory once, and opens no file.
class UnitIndex {
public:
    UnitIndex(const FileSource& source, std::vector<std::string> directories,
              unit::Messages& messages);

    /// The file that a unit's name leads to.
    struct Fragment {
        std::string path;
        /// The unit's own name. This is the name of the file, or an instance of that name if the
        /// file is a template. If the name of that instance is not valid, this is the requested
        /// name.
        unit::UnitName id;
        std::vector<std::string> names;  ///< All names, with `id` first.
    };

    /// Finds the file of a unit. Returns nullopt if the name leads to no file, even through aliases
    /// and templates. Does not check whether the file still exists.
    std::optional<Fragment> find(const unit::UnitName& name) const;

    /// Returns the existing directories NAME.d, NAME.wants and so on for these names, in order of
    /// precedence.
    ///
    /// The result is sorted by load path. Within each directory of the load path, the order is
    /// foo-b@i.s, foo-b@.s, foo-.s, foo-@i.s, foo-@.s, and then the type (systemd.unit(5)).
    std::vector<std::string> subdirectories(std::span<const std::string> names) const;

    /// Returns all names that have files, for `list-unit-files`.
    std::vector<std::string> names() const;

    const std::vector<std::string>& directories() const noexcept { return directories_; }
    const FileSource& source() const noexcept { return source_; }

private:
    void scan(const std::string& directory, unit::Messages& messages);
    void find_aliases();
    void add_link(const std::string& directory, const unit::UnitName& name,
                  unit::Messages& messages);
    bool is_in_load_path(std::string_view directory) const;
    std::optional<std::string> find_path(const std::string& name) const;
    std::vector<std::string> names_of(const unit::UnitName& id, const unit::UnitName& file) const;

    const FileSource& source_;
    std::vector<std::string> directories_;
    std::vector<std::string> resolved_directories_;
    /// The path of each name's file, or the name that an alias points to.
    util::NameMap<std::string> targets_;
    /// The aliases among these names, by the paths of the files that they lead to.
    std::map<std::string, std::vector<unit::UnitName>, std::less<>> aliases_;
    /// The paths of ".d", ".wants" and similar directories, by the names before these endings.
    std::map<std::string, std::vector<std::string>, std::less<>> subdirectories_;
};

}  // namespace notifybridge::load
