#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/ctl/context.hpp"

namespace notifybridge::ctl {

/// Escapes characters that are invalid in a name: "+" becomes "\x2b", and "/" becomes "-". With
/// `is_pattern`, keeps wildcards.
std::string escaped_name(std::string_view typed, bool is_pattern);

/// Returns the unit name or pattern for an operand (systemctl(1), "Unit names"). Adds `suffix` if
/// there is none. A path becomes the name of a mount or device. Warns if it escapes invalid
/// characters. Throws Failure if `typed` is empty.
std::string unit_name(std::string_view typed, std::string_view suffix, const Options& options);

bool is_pattern(std::string_view text);
/// Returns whether a pattern matches a name (fnmatch(3)), as in systemctl.
bool matches(std::string_view pattern, std::string_view name);
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

/// Returns whether a loaded unit has a requested type and state. If no state is requested, an
/// inactive unit without a job is only shown with --all.
bool is_shown(const json::object& unit, const Options& options);

/// Returns whether --type= or --state= selects units because there are no operands.
bool is_filtered(const Options& options);

/// Returns the suffix of a unit's name, such as "service".
std::string_view type_of(std::string_view name);

/// Compares by type and then by name, the order of systemctl's lists.
bool is_listed_before(std::string_view one, std::string_view other);

/// Returns all loaded units that `is_shown` accepts, in the order of lists.
std::vector<std::string> shown_units(const Context& context);

/// Returns the unit names of the operands. A pattern stands for all loaded units that match and
/// that `is_shown` accepts.
std::vector<std::string> unit_names(const Context& context, std::string_view suffix = ".service");

/// Returns the ActiveState= of a unit. The unit need not be loaded.
std::string active_state_of(const Context& context, const std::string& unit);
bool is_up(std::string_view active_state);

/// Warns that the files of a unit have changed since the manager read them.
void warn_of_changed_files(std::string_view unit);

/// Returns the text of a member. Returns an empty text if the member does not exist.
std::string text(const json::object& object, std::string_view name);
/// Returns the texts of a member that is an array. Each text is on its own line.
std::string text_lines(const json::object& object, std::string_view name);

}  // namespace notifybridge::ctl
