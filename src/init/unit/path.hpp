#pragma once

#include <string>
#include <string_view>

/// Functions on the text of paths. They do not access any file.
namespace notifybridge::unit {

/// Returns whether `path` starts with "/".
bool is_absolute(std::string_view path) noexcept;

/// Removes doubled slashes, trailing slashes and "." components. "/" and "" stay.
std::string simplify_path(std::string_view path);

/// Returns whether `path` is not empty and has no ".", no ".." and no doubled slashes.
bool is_normalized(std::string_view path) noexcept;

/// Returns whether the kernel accepts `path`: at most 4095 bytes, and at most 255 in each
/// component.
bool is_valid_path(std::string_view path) noexcept;

/// Returns whether `name` can be a file in a directory: not empty, "." or "..", no slash, at most
/// 255 bytes.
bool is_valid_file_name(std::string_view name) noexcept;

/// Returns the last component.
std::string_view file_name(std::string_view path) noexcept;

/// Returns all but the last component: "/" for "/a", and an empty text for "a".
std::string_view directory_name(std::string_view path) noexcept;

}  // namespace notifybridge::unit
