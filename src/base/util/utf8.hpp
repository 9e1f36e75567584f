#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// Returns the length in bytes of the well-formed UTF-8 sequence that `text` starts with, or 0.
/// Surrogates, overlong forms and code points above U+10FFFF are not well formed (RFC 3629).
std::size_t utf8_sequence(std::string_view text) noexcept;

/// Returns the code point of a sequence that `utf8_sequence` accepts.
char32_t code_point(std::string_view sequence) noexcept;

/// Returns whether all of `text` is UTF-8 as systemd requires it (utf8_is_valid). Code points that
/// Unicode reserves as noncharacters, such as U+FFFE, are not allowed.
bool is_utf8(std::string_view text) noexcept;

/// Returns the first `size` bytes of `text`, or up to three fewer if the cut would be inside a
/// character. Returns all of a shorter text.
std::string_view utf8_prefix(std::string_view text, std::size_t size) noexcept;

/// Returns `text`. If it has more than `size` bytes, returns `utf8_prefix` and "...".
std::string shorten(std::string_view text, std::size_t size);

}  // namespace notifybridge::util
