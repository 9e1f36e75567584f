#pragma once

#include <memory>

#include "init/install/change.hpp"
#include "init/install/unit_file.hpp"

namespace notifybridge::install {

/// The units of one command: those that it names, and those that they name in Also=.
class Request {
public:
    /// `reads`: whether to read the [Install] sections.
    explicit Request(const Lookup& lookup, bool reads = true) : lookup_(lookup), reads_(reads) {}

    /// Adds a name, or the absolute path of a file, and follows links to a file, `found`. Returns 0
    /// or a problem.
    int discover(const std::string& name_or_path, UnitFile*& found);
    /// Adds a name without looking for its file. Returns null if it is not a unit name.
    UnitFile* add(const std::string& name, bool is_from_also, const std::string& path = {});
    /// Follows links. Without `follows_own_links`, a link of the administrator is
    /// `problem::linked`.
    int traverse(UnitFile& start, UnitFile*& found, bool follows_own_links = true);

    /// Returns whether a unit of this name was added.
    bool has(const std::string& name) const;

    /// Returns the next unit that `take` has not returned yet, or null.
    UnitFile* take();

    const Lookup& lookup() const { return lookup_; }

private:
    void add_also(const UnitFile& unit);
    int next_of_alias(UnitFile*& unit);

    const Lookup& lookup_;
    bool reads_;
    std::vector<std::unique_ptr<UnitFile>> units_;
    std::size_t taken_ = 0;
};

/// Returns whether the name does not exist, or is only a link to a missing file elsewhere.
bool is_missing(const Lookup& lookup, const std::string& name);

/// Returns 0 if links may be created for the unit: not if it is masked, transient or generated.
int may_be_changed(const UnitFile& unit);

}  // namespace notifybridge::install
