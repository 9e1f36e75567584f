#pragma once

#include <set>
#include <string>
#include <vector>

#include "init/install/unit_file.hpp"

namespace notifybridge::install {

/// Names of units whose links are to go, and absolute paths that are gone.
using Marks = std::set<std::string, std::less<>>;

/// The links below `directory` that have a marked name, or are instances of one, or lead to one;
/// and those that lead to what goes with them. In the order in which they go.
std::vector<std::string> links_to_remove(const load::FileSource& source,
                                         const std::string& directory, Marks marks);

/// What `revert` takes away of a unit: drop-ins and links of the administrator, and files too where
/// the distribution has one (systemctl(1), revert).
std::vector<std::string> files_to_revert(const Lookup& lookup, const std::string& name);

}  // namespace notifybridge::install
