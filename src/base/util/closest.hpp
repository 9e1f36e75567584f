#pragma once

#include <span>
#include <string_view>

namespace notifybridge::util {

/// Returns the candidate that `word` is most likely a typo of, or an empty text if none is near.
/// Near means: at most a third of its letters (at least one) are inserted, left out, replaced or
/// swapped with the next.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace notifybridge::util
