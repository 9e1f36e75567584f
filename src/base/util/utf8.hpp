#pragma once

#include <cstddef>
#include <string_view>

namespace notifybridge::util {

/// Length in bytes of the well-formed UTF-8 sequence that `text` starts with, 0 where there is
/// none. Surrogates, overlong forms and what lies past U+10FFFF are not well formed (RFC 3629).
std::size_t utf8_sequence(std::string_view text) noexcept;

/// Returns the code point of a sequence that `utf8_sequence` accepts.
char32_t code_point(std::string_view sequence) noexcept;

/// Whether all of `text` is UTF-8, and characters, as systemd asks of a text (utf8_is_valid): the
/// code points that Unicode keeps from being characters, such as U+FFFE, do not count.
bool is_utf8(std::string_view text) noexcept;

}  // namespace notifybridge::util
