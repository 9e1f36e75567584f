#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// Returns whether `sequence`, one character in well-formed UTF-8, is a control character (C0, DEL,
/// C1) or another invisible character. An example is U+202E, which reverses the text after it.
bool is_unseen(std::string_view sequence);

/// Returns `text` in one line that shows everything and is safe to print on a terminal.
/// Backslashes, characters that `is_unseen`, and bytes that are not UTF-8 become \n, \r, \t, \\ or
/// \xNN.
std::string escape(std::string_view text);

/// Escapes like `escape`, but keeps backslashes and tabs. Use it for text that is not unescaped
/// later.
std::string escape_unseen(std::string_view text);

/// Appends "\xNN" for `byte` to `out`.
void append_hex(std::string& out, char byte);

/// Reverses `escape`. Returns nullopt if `text` has an escape that `escape` does not write.
std::optional<std::string> unescape(std::string_view text);

/// Returns `text` for a message: in double quotes and escaped. If `text` has more than 256 bytes,
/// it is cut and ends with "...".
std::string quote(std::string_view text);

}  // namespace notifybridge::util
