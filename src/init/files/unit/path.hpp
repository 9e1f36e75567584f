#pragma once

#include <string>
#include <string_view>

/// Handles paths as text. Accesses no files.
namespace notifybridge::unit {

/// Returns whether `path` starts with "/".
bool is_absolute(std::string_view path) noexcept;

/// Removes doubled slashes, trailing slashes and "." components. Keeps "/" and "".
std::string simplify_path(std::string_view path);

/// Returns whether `path` is not empty and has no "." or ".." components and no doubled slashes.
bool is_normalized(std::string_view path) noexcept;

/// Returns whether the kernel accepts `path`. A path may have 4095 bytes, and each of its
/// components may have 255 bytes.
bool is_valid_path(std::string_view path) noexcept;

/// Returns whether a file in a directory can have this name. A name has 1 to 255 bytes and no
/// slash, and is not "." or "..".
bool is_valid_file_name(std::string_view name) noexcept;

/// Returns the last component of a path.
std::string_view file_name(std::string_view path) noexcept;

/// Returns a path without its last component. Returns "/" for "/a", and an empty text for "a".
std::string_view directory_name(std::string_view path) noexcept;

}  // namespace notifybridge::unit
