#pragma once

#include <memory>

#include "init/install/change.hpp"
#include "init/install/unit_file.hpp"

namespace notifybridge::install {

/// The units that one command is about: those it names, and those that they name in Also=.
class Request {
public:
    /// `reads`: the [Install] of the files is of interest.
    explicit Request(const Lookup& lookup, bool reads = true) : lookup_(lookup), reads_(reads) {}

    /// Takes a name, or the absolute path of a file, and follows links to a file. Returns 0 or a
    /// problem; `found` is what it led to.
    int discover(const std::string& name_or_path, UnitFile*& found);
    /// Takes a name without looking for its file. Null where it is no unit's name.
    UnitFile* add(const std::string& name, bool is_from_also, const std::string& path = {});
    /// Follows links; without `follows_own_links`, an administrator's link is `problem::linked`.
    int traverse(UnitFile& start, UnitFile*& found, bool follows_own_links = true);

    /// Whether a unit of this name is among them.
    bool has(const std::string& name) const;

    /// The next that `take` has not returned yet; null where there is none.
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

/// Whether nothing has this name, or only a link to a file elsewhere that is not there.
bool is_missing(const Lookup& lookup, const std::string& name);

/// Whether links may be made for it: not where it is masked, transient or generated.
int may_be_changed(const UnitFile& unit);

}  // namespace notifybridge::install
