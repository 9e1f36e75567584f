#pragma once

#include <optional>
#include <string>

#include "base/util/words.hpp"
#include "init/install/directories.hpp"
#include "init/load/source.hpp"
#include "init/unit/name.hpp"
#include "init/unit/specifier.hpp"

namespace notifybridge::install {

/// The content of [Install] as written.
struct InstallSection {
    std::vector<std::string> alias;
    std::vector<std::string> wanted_by;
    std::vector<std::string> required_by;
    std::vector<std::string> upheld_by;
    std::vector<std::string> also;  ///< Names with specifiers replaced.
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
        alias,   ///< A link to another file of the load path.
        linked,  ///< A link to a file elsewhere.
    };

    std::string name;
    std::string path = {};  ///< Empty: not looked up yet.
    Mode mode = Mode::unknown;
    std::string target = {};  ///< The target, if it is a link.
    InstallSection install = {};
    bool is_from_also = false;
};

/// Finds unit files, and reads their [Install]. Functions return 0 or a problem.
class Lookup {
public:
    Lookup(const load::FileSource& source, const Directories& directories, const unit::Facts& facts)
        : source_(source), directories_(directories), facts_(facts) {}

    const load::FileSource& source() const { return source_; }
    const Directories& directories() const { return directories_; }

    /// Finds the file of the unit, or of its template. Without `reads`, does not open the file, and
    /// does not look for drop-ins.
    int search(UnitFile& unit, bool reads = true) const;
    /// Moves on to the target of a link if it has the same name, or any name with `any_name`.
    /// Otherwise returns `problem::no_alias`.
    int follow(UnitFile& unit, bool any_name, bool reads = true) const;

    /// Replaces the specifiers of a name in [Install]. Returns nullopt if that fails.
    std::optional<std::string> expand(const UnitFile& unit, std::string_view text) const;

    /// Returns whether the load path has a file of that name.
    bool exists(const std::string& name) const;

private:
    int look(UnitFile& unit, const std::string& path, bool reads) const;
    int look_at_link(UnitFile& unit, const std::string& path, const std::string& target) const;
    int look_for(UnitFile& unit, const std::string& name, bool reads) const;
    int read(UnitFile& unit, const std::string& path) const;
    int read_drop_ins(UnitFile& unit) const;
    int take(UnitFile& unit, std::string_view key, std::string_view value) const;
    int take_also(UnitFile& unit, std::string_view value) const;
    int take_default_instance(UnitFile& unit, std::string_view value) const;

    const load::FileSource& source_;
    const Directories& directories_;
    const unit::Facts& facts_;
};

}  // namespace notifybridge::install
