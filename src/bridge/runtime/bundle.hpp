#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bridge/runtime/call.hpp"

namespace notifybridge::runtime {

/// What becomes of a config.json: the new text, or an empty one where it stays as it is.
using Change = std::function<std::string(std::string_view config)>;

/// The largest config.json that is changed.
inline constexpr std::size_t most_config = 16 * 1024 * 1024;

/// The largest config.json that is read, to see whether it has to be changed.
inline constexpr std::size_t most_read = 4 * most_config;

/// Replaces the bundle's config.json by what `change` makes of it, at once, or not at all: where
/// somebody else does so meanwhile, theirs is changed. Does nothing if there is no such file.
/// Throws Refusal.
void change_bundle(const Call& call, const Change& change);

}  // namespace notifybridge::runtime
