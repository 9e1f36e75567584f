#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// Returns whether a well-formed UTF-8 sequence is a control character (C0, DEL, C1), or one that
/// shows nothing itself: U+202E, which reverses what follows, and its kind.
bool is_unseen(std::string_view sequence);

/// Returns `text` with backslashes, characters that `is_unseen` and bytes that are not UTF-8
/// written as \n, \r, \t, \\ or \xNN: it is one line, no terminal acts on it, and it shows all that
/// it has.
std::string escape(std::string_view text);

/// Like `escape`, but leaves backslashes and tabs: for lines of text that nobody reads back.
std::string escape_unseen(std::string_view text);

/// Adds "\xNN" for `byte`.
void append_hex(std::string& out, char byte);

/// What `escape` was given; nothing where `text` has an escape that `escape` does not write.
std::optional<std::string> unescape(std::string_view text);

/// `text` for a message to people: in double quotes, escaped, and cut with "..." past 256 bytes.
std::string quote(std::string_view text);

}  // namespace notifybridge::util
