#pragma once

#include <string>
#include <string_view>

#include "base/notify/state.hpp"
#include "base/util/key_value.hpp"

namespace notifybridge::channel {

/// The folded state as KEY=VALUE lines: the journal's state records and container-status have them.
/// Of a run that has `ended` the state is "ended", and what it was last stands apart; what the
/// service said stays as it was said.
void write_state(const notify::State& state, util::KeyValueWriter& out, bool ended = false);

/// The text of a state record.
std::string to_text(const notify::State& state);

/// Takes one such line in; false where it belongs to something else.
bool read_state_line(notify::State& state, std::string_view key, const std::string& value);

notify::State parse_state(std::string_view text);

}  // namespace notifybridge::channel
