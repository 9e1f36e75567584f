#pragma once

#include <string>
#include <string_view>

#include "notify/state.hpp"
#include "util/key_value.hpp"

namespace notifybridge::channel {

/// The folded state as KEY=VALUE lines: the journal's state records and container-status have them.
void write_state(const notify::State& state, util::KeyValueWriter& out);

/// Takes one such line in; false where it belongs to something else.
bool read_state_line(notify::State& state, std::string_view key, const std::string& value);

notify::State parse_state(std::string_view text);

}  // namespace notifybridge::channel
