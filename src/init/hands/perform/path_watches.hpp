#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/util/function_ref.hpp"
#include "init/files/unit/settings_path.hpp"
#include "init/hands/perform/watch_table.hpp"

namespace notifybridge::perform {

/// Adds the watches that the rules of a path unit need. If the path of a rule does not exist,
/// watches the nearest existing directory above it. `owner` is the serial of the unit, and `exists`
/// looks at a path. Returns 0 or an errno value. After an error, the unit has no watches.
int watch_rules(WatchTable& table, std::uint64_t owner, const std::vector<unit::PathRule>& rules,
                util::FunctionRef<bool(const std::string& path)> exists);

/// Returns whether polling helps after this error of inotify(7).
bool may_poll(int error);

}  // namespace notifybridge::perform
