#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/name_map.hpp"
#include "init/load/source.hpp"
#include "init/unit/messages.hpp"
#include "init/unit/name.hpp"

namespace notifybridge::load {

/// Where a system's manager looks for units, the first having precedence (systemd.unit(5), UNIT
/// FILE LOAD PATH). `unit_path` is $SYSTEMD_UNIT_PATH: directories with ":" between them that take
/// the place of those, or go before them where it ends in ":".
std::vector<std::string> load_path(std::string_view unit_path = {});

/// What files there are for which units: one look at each directory, and no file is opened.
class UnitIndex {
public:
    UnitIndex(const FileSource& source, std::vector<std::string> directories,
              unit::Messages& messages);

    /// What a name leads to.
    struct Fragment {
        std::string path;
        /// The name that the unit has: that of the file, as an instance where the file is a
        /// template's, or else the name that was asked for.
        unit::UnitName id;
        std::vector<std::string> names;  ///< All of them, `id` first.
    };

    /// Nothing where no alias and no template leads to a file either. Whether the file is still
    /// there is not looked at.
    std::optional<Fragment> find(const unit::UnitName& name) const;

    /// The directories NAME.d, NAME.wants and the like that there are for these names, the ones
    /// whose files have precedence first: by the load path; in each of its directories foo-b@i.s,
    /// foo-b@.s, foo-.s, foo-@i.s, foo-@.s, and the one of the type last (systemd.unit(5)).
    std::vector<std::string> subdirectories(std::span<const std::string> names) const;

    /// All names that have files: what `list-unit-files` lists.
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
    /// What is known under a name: a path, or the name that it is an alias of.
    util::NameMap<std::string> targets_;
    /// Those of them that are aliases, by the file that they lead to.
    std::map<std::string, std::vector<unit::UnitName>, std::less<>> aliases_;
    /// Paths of ".d", ".wants" and the like, by the name before that.
    std::map<std::string, std::vector<std::string>, std::less<>> subdirectories_;
};

}  // namespace notifybridge::load
