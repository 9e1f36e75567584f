#pragma once

#include <memory>

#include "init/files/install/change.hpp"
#include "init/files/install/unit_file.hpp"

namespace notifybridge::install {

/// The units of one command: the units that the command names, and the units in their Also=.
class Request {
public:
    /// Creates an empty request. If `reads` is false, [Install] sections are not read.
    explicit Request(const Lookup& lookup, bool reads = true) : lookup_(lookup), reads_(reads) {}

    /// Adds a name, or the absolute path of a file. Follows links, and sets `found` to the file.
    /// Returns 0 or a problem.
    int discover(const std::string& name_or_path, UnitFile*& found);
    /// Adds a name, but does not search for its file. Returns null if `name` is not a unit name.
    UnitFile* add(const std::string& name, bool is_from_also, const std::string& path = {});
    /// Follows links from `start` to `found`. Returns `problem::linked` for an administrator's
    /// link, unless `follows_own_links` is true.
    int traverse(UnitFile& start, UnitFile*& found, bool follows_own_links = true);

    /// Returns whether the request has a unit of this name.
    bool has(const std::string& name) const;

    /// Returns the next unit that was not returned before, or null.
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

/// Returns whether the unit `name` has no file, or only a link to a missing file outside the load
/// path.
bool is_missing(const Lookup& lookup, const std::string& name);

/// Returns 0 if commands may create links for the unit. Returns a problem if the unit is masked,
/// transient or generated.
int may_be_changed(const UnitFile& unit);

}  // namespace notifybridge::install
