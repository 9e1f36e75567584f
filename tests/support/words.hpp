#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/util/words.hpp"

namespace notifybridge::test {

/// Splits a command line into words.
inline std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    util::WordReader reader(line);
    for (std::string word; reader.next(word) == util::Extracted::word;)
        words.push_back(word);
    return words;
}

}  // namespace notifybridge::test
