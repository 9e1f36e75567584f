#pragma once

#include <string>
#include <string_view>

#include "base/notify/drop.hpp"
#include "base/util/key_value.hpp"

namespace notifybridge::channel {

/// Adds a line like DROPPED_TOO_LONG=3 for each reason with a count, and the refused keys.
void write_drops(const notify::DropCounters& drops, util::KeyValueWriter& out);

/// Reads a line that `write_drops` has written. Returns false for other lines.
bool read_drop_line(notify::DropCounters& drops, std::string_view key, std::string_view value);

}  // namespace notifybridge::channel
