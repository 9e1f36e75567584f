#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bridge/runtime/call.hpp"

namespace notifybridge::runtime {

/// What becomes of a config.json: the new text, or an empty one where it stays as it is.
using Change = std::function<std::string(std::string_view config)>;

/// As much as a config.json may have.
inline constexpr std::size_t most_config = 16 * 1024 * 1024;

/// Replaces the bundle's config.json by what `change` makes of it, at once, or not at all: where
/// somebody else does so meanwhile, theirs is changed. Throws Refusal.
void change_bundle(const Call& call, const Change& change);

}  // namespace notifybridge::runtime
