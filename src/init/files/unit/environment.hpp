#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Handles environment variables and the files that set them (systemd.exec(5), ENVIRONMENT).
namespace notifybridge::unit {

/// Assignments "NAME=VALUE" in order. A name occurs twice only while a unit's files are read.
using Environment = std::vector<std::string>;

/// Returns whether `text` only has letters, digits and "_", and does not start with a digit.
bool is_variable_name(std::string_view text) noexcept;

/// Returns whether `text` is "NAME=VALUE" with a valid name and a value in UTF-8.
bool is_variable_assignment(std::string_view text);

/// Replaces the variable that has the name in `assignment`. If there is no such variable, appends
/// `assignment`.
void set_variable(Environment& environment, std::string assignment);

/// Returns the value of `name`, or nullopt if `name` is not set.
std::optional<std::string_view> get_variable(const Environment& environment, std::string_view name);

/// Removes the variables that UnsetEnvironment= names. "NAME" removes any value, and "NAME=VALUE"
/// removes only this value.
void unset_variable(Environment& environment, std::string_view name_or_assignment);

/// Returns the assignments in the text of an EnvironmentFile= (systemd.exec(5)). Skips lines that
/// are not valid assignments.
///
/// Like systemd, reads '…' verbatim, and handles the escapes \" \\ \` \$ and joined lines in "…".
/// Does not expand variables.
Environment parse_environment_file(std::string_view text);

/// Returns the same as `parse_environment_file`, or nullopt if systemd refuses the whole file. Such
/// a file has a NUL byte, or an assignment that is not UTF-8.
std::optional<Environment> parse_strict_environment_file(std::string_view text);

}  // namespace notifybridge::unit
