#pragma once

#include <span>
#include <string_view>

namespace notifybridge::util {

/// Returns the candidate that the user probably meant by `word`. Returns an empty text if no
/// candidate is near. Near means at most one change for every three letters of `word`, or one
/// change if `word` has fewer than three letters. A change inserts, removes or replaces a letter,
/// or swaps two adjacent letters. Returns an empty text, too, if `word` has more than 64 bytes.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace notifybridge::util
