#pragma once

#include <algorithm>
#include <string_view>

namespace notifybridge::util {

/// Removes the text before the next `separator`, and the separator, from `text`. Returns the
/// removed text without the separator. If there is no separator, removes and returns all of `text`.
constexpr std::string_view take_until(std::string_view& text, char separator) {
    const std::string_view taken = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(taken.size() + 1, text.size()));
    return taken;
}

/// Returns whether `word` is one of `words`, which are separated by single spaces.
constexpr bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty() && !word.empty())
        if (take_until(words, ' ') == word)
            return true;
    return false;
}

}  // namespace notifybridge::util
