#pragma once

#include <optional>
#include <string>

#include "base/util/words.hpp"
#include "init/files/install/directories.hpp"
#include "init/files/load/source.hpp"
#include "init/files/unit/name.hpp"
#include "init/files/unit/specifier.hpp"

namespace notifybridge::install {

/// The words of an [Install] section as written in the file.
struct InstallSection {
    std::vector<std::string> alias;
    std::vector<std::string> wanted_by;
    std::vector<std::string> required_by;
    std::vector<std::string> upheld_by;
    std::vector<std::string> also;  ///< The names in Also=, with specifiers replaced.
    std::string default_instance;

    bool has_rules() const {
        return !alias.empty() || !wanted_by.empty() || !required_by.empty() || !upheld_by.empty();
    }
};

/// A unit's name, and its file.
struct UnitFile {
    enum class Mode {
        unknown,
        regular,
        masked,
        alias,   ///< The file is a link to another file of the load path.
        linked,  ///< The file is a link to a file outside the load path.
    };

    std::string name;
    std::string path = {};  ///< Empty until a search has found the file.
    Mode mode = Mode::unknown;
    std::string target = {};  ///< The target if the file is a link.
    InstallSection install = {};
    bool is_from_also = false;
};

/// A search for unit files, which also reads their [Install] sections. The functions that return an
/// int return 0, or a value of the namespace `problem`.
class Lookup {
public:
    Lookup(const load::FileSource& source, const Directories& directories, const unit::Facts& facts)
        : source_(source), directories_(directories), facts_(facts) {}

    const load::FileSource& source() const { return source_; }
    const Directories& directories() const { return directories_; }

    /// Finds the file of the unit or of its template. If `reads` is false, opens no file and
    /// searches for no drop-ins.
    int search(UnitFile& unit, bool reads = true) const;
    /// Changes `unit` to the unit that its link leads to. Returns `problem::no_alias` if the target
    /// has another name, unless `any_name` is true.
    int follow(UnitFile& unit, bool any_name, bool reads = true) const;

    /// Replaces the specifiers in a name of an [Install] section. Returns nullopt on failure.
    std::optional<std::string> expand(const UnitFile& unit, std::string_view text) const;

    /// Returns whether the load path has a file called `name`.
    bool exists(const std::string& name) const;

private:
    int look(UnitFile& unit, const std::string& path, bool reads) const;
    int look_at_link(UnitFile& unit, const std::string& path, const std::string& target) const;
    int look_for(UnitFile& unit, const std::string& name, bool reads) const;
    int read(UnitFile& unit, const std::string& path) const;
    int parse(UnitFile& unit, const std::string& path, std::string_view text) const;
    int read_drop_ins(UnitFile& unit) const;
    int take(UnitFile& unit, std::string_view key, std::string_view value) const;
    int take_also(UnitFile& unit, std::string_view value) const;
    int take_default_instance(UnitFile& unit, std::string_view value) const;

    const load::FileSource& source_;
    const Directories& directories_;
    const unit::Facts& facts_;
};

}  // namespace notifybridge::install
