#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Environment variables: their names and values, and the files that hold some (systemd.exec(5),
/// ENVIRONMENT).
namespace notifybridge::unit {

/// "NAME=VALUE" each, in order; no name twice.
using Environment = std::vector<std::string>;

/// Letters, digits and "_", the first no digit.
bool is_variable_name(std::string_view text) noexcept;

/// NAME=VALUE with a valid name and a value of UTF-8.
bool is_variable_assignment(std::string_view text);

/// Puts "NAME=VALUE" in the place of what had that name, or at the end.
void set_variable(Environment& environment, std::string assignment);

/// The value of `name`; nothing where it is not set.
std::optional<std::string_view> get_variable(const Environment& environment, std::string_view name);

/// Removes what UnsetEnvironment= names: "NAME", or "NAME=VALUE" where it is just that.
void unset_variable(Environment& environment, std::string_view name_or_assignment);

/// The assignments of the text of an EnvironmentFile= (systemd.exec(5), EnvironmentFile=), as
/// systemd reads them: '…' verbatim, "…" with \" \\ \` \$ and joined lines, no expansion; lines
/// that set nothing, or are no valid assignment, are passed over.
Environment parse_environment_file(std::string_view text);

/// The same; nothing where systemd refuses the whole file: it has a NUL byte, or an assignment that
/// is not UTF-8.
std::optional<Environment> parse_strict_environment_file(std::string_view text);

}  // namespace notifybridge::unit
