#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// Breaks each line of `text` that takes more than `width` columns at spaces, and indents what
/// follows by `indent`; no line is broken before that column, and no word is. A character takes a
/// column, the sequences that colour text (ECMA-48, SGR) take none.
std::string wrap_lines(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace notifybridge::util
