#pragma once

#include <span>
#include <string_view>

namespace notifybridge::util {

/// Returns the candidate that `word` is most likely a typo of. Returns an empty text if no
/// candidate is near. Near means that few changes lead from `word` to the candidate: at most one
/// for every three letters of `word`, or one if `word` is shorter. A change inserts, removes or
/// replaces a letter, or swaps two adjacent letters. A word of more than 64 bytes has no near
/// candidate.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace notifybridge::util
