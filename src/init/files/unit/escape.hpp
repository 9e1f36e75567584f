#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Encodes text or paths as parts of unit names, and decodes them: systemd.unit(5), STRING ESCAPING
/// FOR INCLUSION IN UNIT NAMES; systemd-escape(1).
namespace notifybridge::unit {

/// Replaces "/" with "-". Replaces "-", "\", a leading "." and each character that is invalid in a
/// name with \xNN.
std::string escape_name(std::string_view text);

/// Reverses `escape_name`. Returns nullopt if a "\" is not followed by xNN. Also returns nullopt
/// for \x00, because systemd would end the text at this character.
std::optional<std::string> unescape_name(std::string_view text);

/// Encodes a path without its first and last "/". The root directory becomes "-". Returns nullopt
/// if `path` has a ".." component.
std::optional<std::string> escape_path(std::string_view path);

/// Returns the absolute path that `escape_path` encoded, or nullopt if `text` is not valid.
std::optional<std::string> unescape_path(std::string_view text);

}  // namespace notifybridge::unit
