#pragma once

#include <string>
#include <string_view>

/// Paths as texts: no file is looked at.
namespace notifybridge::unit {

/// Whether `path` starts with "/".
bool is_absolute(std::string_view path) noexcept;

/// Without doubled and trailing slashes and "." components. "/" and "" stay.
std::string simplify_path(std::string_view path);

/// Whether it has no "." and no ".." components and no doubled slashes, and is not empty.
bool is_normalized(std::string_view path) noexcept;

/// Whether the kernel would take it: less than 4096 bytes, and less than 256 in each component.
bool is_valid_path(std::string_view path) noexcept;

/// Whether it is a name in a directory: not empty, "." or "..", no slash, less than 256 bytes.
bool is_valid_file_name(std::string_view name) noexcept;

/// The last component.
std::string_view file_name(std::string_view path) noexcept;

/// All but the last component: "/" of "/a", empty of "a".
std::string_view directory_name(std::string_view path) noexcept;

}  // namespace notifybridge::unit
