#pragma once

#include <string>
#include <string_view>

/// Handles the text of paths, and accesses no files.
namespace notifybridge::unit {

/// Returns whether `path` starts with "/".
bool is_absolute(std::string_view path) noexcept;

/// Removes doubled slashes, trailing slashes and "." components. Keeps "/" and "".
std::string simplify_path(std::string_view path);

/// Returns whether `path` is not empty and has no ".", no ".." and no doubled slashes.
bool is_normalized(std::string_view path) noexcept;

/// Returns whether the kernel accepts `path`. It may have 4095 bytes, and each component may have
/// 255.
bool is_valid_path(std::string_view path) noexcept;

/// Returns whether a file in a directory can have this name. The name must not be empty, "." or
/// "..", must have no slash, and may have 255 bytes.
bool is_valid_file_name(std::string_view name) noexcept;

/// Returns the last component of a path.
std::string_view file_name(std::string_view path) noexcept;

/// Returns a path without its last component. Returns "/" for "/a", and an empty text for "a".
std::string_view directory_name(std::string_view path) noexcept;

}  // namespace notifybridge::unit
