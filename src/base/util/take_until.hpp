#pragma once

#include <algorithm>
#include <string_view>

namespace notifybridge::util {

/// Takes what comes before the next `separator` off the front of `text`, and the separator; all of
/// it where there is none.
constexpr std::string_view take_until(std::string_view& text, char separator) {
    const std::string_view taken = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(taken.size() + 1, text.size()));
    return taken;
}

/// Whether `word` is one of `words`, which have a space between each two.
constexpr bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty() && !word.empty())
        if (take_until(words, ' ') == word)
            return true;
    return false;
}

}  // namespace notifybridge::util
