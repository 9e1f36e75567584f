#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bridge/runtime/call.hpp"

namespace notifybridge::runtime {

/// Returns the new text of a config.json. Returns an empty string to leave the file unchanged.
using Change = std::function<std::string(std::string_view config)>;

/// The largest config.json that is changed.
inline constexpr std::size_t most_config = 16 * 1024 * 1024;

/// The largest config.json that is read to find out whether it has to be changed.
inline constexpr std::size_t most_read = 4 * most_config;

/// Replaces the bundle's config.json with the result of `change` in one step. If another process
/// replaces the file in the meantime, changes the new file instead. Does nothing if the file does
/// not exist. Throws Refusal on failure.
void change_bundle(const Call& call, const Change& change);

}  // namespace notifybridge::runtime
