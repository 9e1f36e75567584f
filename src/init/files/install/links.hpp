#pragma once

#include <optional>
#include <vector>

#include "init/files/install/change.hpp"
#include "init/files/install/request.hpp"

namespace notifybridge::install {

struct Link {
    std::string path;
    std::string target;
    bool replaces = false;  ///< Whether to replace an existing link.
    /// Whether the link makes a file outside the load path available. The other links of the unit
    /// are only created if this link exists.
    bool is_of_file = false;
};

/// A step of a plan: creates a link, and then reports a note. A note of the kind `has_missing_unit`
/// is only reported if its unit is still missing after the link is created.
struct Step {
    std::optional<Link> link;
    std::optional<Change> note;
    std::size_t unit = 0;  ///< The index of the unit that this step belongs to.
};

struct Plan {
    std::vector<Step> steps;
    bool has_rules = false;  ///< Whether a unit has rules in [Install].
};

/// The manner in which links are created.
struct Manner {
    bool is_runtime = false;  ///< Whether the links disappear at the next boot (--runtime).
    bool replaces = false;    ///< Whether links that have another target are replaced (--force).
    bool is_lenient = false;  ///< Whether forbidden dependencies are skipped without a report.
};

/// Returns the links to create in `directory` to enable the units of `request`.
Plan links_of(Request& request, const std::string& directory, Manner manner);

/// Returns whether links to `one` and to `other` are equivalent. Two targets are equivalent if they
/// are the same file, or are names of one unit in the load path. Relative targets start at the
/// directory of `link`.
bool are_equivalent(const Lookup& lookup, const std::string& link, const std::string& one,
                    const std::string& other);

}  // namespace notifybridge::install
