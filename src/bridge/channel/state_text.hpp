#pragma once

#include <string>
#include <string_view>

#include "base/notify/state.hpp"
#include "base/util/key_value.hpp"

namespace notifybridge::channel {

/// Writes the folded state as KEY=VALUE lines, for the journal's state records and
/// container-status. After the run has `ended`, STATE is "ended", and LAST_STATE has the last
/// phase; other values stay.
void write_state(const notify::State& state, util::KeyValueWriter& out, bool ended = false);

/// Returns the text of a state record.
std::string to_text(const notify::State& state);

/// Reads one such line. Returns false if it is not one.
bool read_state_line(notify::State& state, std::string_view key, const std::string& value);

notify::State parse_state(std::string_view text);

}  // namespace notifybridge::channel
