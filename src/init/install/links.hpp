#pragma once

#include <optional>
#include <vector>

#include "init/install/change.hpp"
#include "init/install/request.hpp"

namespace notifybridge::install {

struct Link {
    std::string path;
    std::string target;
    bool replaces = false;  ///< Another link that is there.
    /// The unit's file is not in the load path: without this link the unit's others lead nowhere.
    bool is_of_file = false;
};

/// One step of a plan: a link to make, then a note to report; an is_lonely note only if its unit is
/// missing by then.
struct Step {
    std::optional<Link> link;
    std::optional<Change> note;
    std::size_t unit = 0;  ///< Which of the units it is for.
};

struct Plan {
    std::vector<Step> steps;
    bool has_rules = false;  ///< Whether any unit has something to be linked by.
};

/// How links are made.
struct Manner {
    bool is_runtime = false;  ///< --runtime: until the next boot.
    bool replaces = false;    ///< --force: links that lead elsewhere go.
    bool is_lenient = false;  ///< A dependency that cannot be is left out, without a word.
};

/// The links that there have to be for the units of `request` to be enabled, in `directory`.
Plan links_of(Request& request, const std::string& directory, Manner manner);

/// Whether a link to `one` is as good as one to `other`: both are the same file, or both are names
/// of the same unit in the load path. Relative ones start at `link`.
bool are_equivalent(const Lookup& lookup, const std::string& link, const std::string& one,
                    const std::string& other);

}  // namespace notifybridge::install
