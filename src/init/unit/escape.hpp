#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Any text or path as a part of a unit's name, and back: systemd.unit(5), STRING ESCAPING FOR
/// INCLUSION IN UNIT NAMES; systemd-escape(1).
namespace notifybridge::unit {

/// "/" becomes "-"; all that a name may not have, a "-", a "\" and a leading "." become \xNN.
std::string escape_name(std::string_view text);

/// What `escape_name` was given. Nothing where a "\" is not followed by xNN, or
/// by x00, where systemd's text would end.
std::optional<std::string> unescape_name(std::string_view text);

/// A path without its first and last "/"; the root directory is "-". Nothing where `path` has a
/// ".." in it.
std::optional<std::string> escape_path(std::string_view path);

/// The absolute path that `escape_path` was given. Nothing where there is none.
std::optional<std::string> unescape_path(std::string_view text);

}  // namespace notifybridge::unit
