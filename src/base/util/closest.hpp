#pragma once

#include <span>
#include <string_view>

namespace notifybridge::util {

/// The candidate that `word` is most likely a typo of, empty where none is near: at most a third of
/// its letters (one at least) inserted, left out, replaced or swapped with the next.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace notifybridge::util
