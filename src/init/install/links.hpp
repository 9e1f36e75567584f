#pragma once

#include <optional>
#include <vector>

#include "init/install/change.hpp"
#include "init/install/request.hpp"

namespace notifybridge::install {

struct Link {
    std::string path;
    std::string target;
    bool replaces = false;  ///< It may replace an existing link.
    /// The unit's file is not in the load path, so its other links depend on this one.
    bool is_of_file = false;
};

/// A step of a plan: creates a link, then reports a note. An is_lonely note is only reported if its
/// unit is missing then.
struct Step {
    std::optional<Link> link;
    std::optional<Change> note;
    std::size_t unit = 0;  ///< The index of its unit.
};

struct Plan {
    std::vector<Step> steps;
    bool has_rules = false;  ///< Whether any unit has rules in [Install].
};

/// The options for creating links.
struct Manner {
    bool is_runtime = false;  ///< --runtime: until the next boot.
    bool replaces = false;    ///< --force: replaces links with another target.
    bool is_lenient = false;  ///< Silently skips a dependency that is not allowed.
};

/// Returns the links in `directory` that enable the units of `request`.
Plan links_of(Request& request, const std::string& directory, Manner manner);

/// Returns whether links to `one` and to `other` are equivalent: both are the same file, or both
/// are names of the same unit in the load path. Relative targets start at `link`.
bool are_equivalent(const Lookup& lookup, const std::string& link, const std::string& one,
                    const std::string& other);

}  // namespace notifybridge::install
