#pragma once

#include <set>
#include <string>
#include <vector>

#include "init/install/unit_file.hpp"

namespace notifybridge::install {

/// Names of units whose links are to be removed, and absolute paths that are removed.
using Marks = std::set<std::string, std::less<>>;

/// Returns the links below `directory` that have a marked name, are an instance of one, or lead to
/// one, and the links to these links. They are in the order of removal.
std::vector<std::string> links_to_remove(const load::FileSource& source,
                                         const std::string& directory, Marks marks);

/// Returns what `revert` removes for a unit: the administrator's drop-ins and links, and also files
/// if the distribution has the unit (systemctl(1), revert).
std::vector<std::string> files_to_revert(const Lookup& lookup, const std::string& name);

}  // namespace notifybridge::install
