#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// Breaks each line of `text` that is wider than `width` columns at a space. Indents each new line
/// by `indent` spaces. Does not break within words, or before column `indent`. A character takes
/// one column. Sequences that colour text (ECMA-48, SGR) take no column.
std::string wrap_lines(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace notifybridge::util
