#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// `text` with control characters (C0, DEL, C1), backslashes and bytes that are not UTF-8 written
/// as \n, \r, \t, \\ or \xNN, so that it is one line and no terminal acts on it.
std::string escape(std::string_view text);

/// Adds "\xNN" for `byte`.
void append_hex(std::string& out, char byte);

/// What `escape` was given; nothing where `text` has an escape that `escape` does not write.
std::optional<std::string> unescape(std::string_view text);

/// `text` for a message to people: in double quotes, escaped, and cut with "..." past 256 bytes.
std::string quote(std::string_view text);

}  // namespace notifybridge::util
