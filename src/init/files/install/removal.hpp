#pragma once

#include <set>
#include <string>
#include <vector>

#include "init/files/install/unit_file.hpp"

namespace notifybridge::install {

/// The names of units, and the absolute paths of files, whose links must be removed.
using Marks = std::set<std::string, std::less<>>;

/// Returns the links below `directory` whose name is marked, or is an instance of a marked name.
/// Also returns the links that lead to a marked name or path, and links to all these links. The
/// links are in the order of removal.
std::vector<std::string> links_to_remove(const load::FileSource& source,
                                         const std::string& directory, Marks marks);

/// Returns the files that `revert` removes for a unit: the administrator's drop-ins and links. Also
/// returns the administrator's unit files if the distribution has a file for the unit
/// (systemctl(1), revert).
std::vector<std::string> files_to_revert(const Lookup& lookup, const std::string& name);

}  // namespace notifybridge::install
