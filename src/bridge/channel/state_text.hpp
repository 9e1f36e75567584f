#pragma once

#include <string>
#include <string_view>

#include "base/notify/state.hpp"
#include "base/util/key_value.hpp"

namespace notifybridge::channel {

/// Writes the state as KEY=VALUE lines, for state records of the journal and for container-status.
/// If the run has `ended`, STATE is "ended" and LAST_STATE is the last phase. The other lines do
/// not depend on `ended`.
void write_state(const notify::State& state, util::KeyValueWriter& out, bool ended = false);

/// Returns the payload of a state record.
std::string to_text(const notify::State& state);

/// Reads a line that `write_state` has written. Returns false for other lines.
bool read_state_line(notify::State& state, std::string_view key, const std::string& value);

notify::State parse_state(std::string_view text);

}  // namespace notifybridge::channel
