#pragma once

#include <span>
#include <string_view>

namespace notifybridge::util {

/// Returns the candidate that `word` is most likely a typo of. Returns an empty text if no
/// candidate is near. A candidate is near if few letters are inserted, left out, replaced or
/// swapped with the next letter: one, or at most a third of `word`.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace notifybridge::util
