#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/ctl/context.hpp"

namespace notifybridge::ctl {

/// Escapes characters that are invalid in a name, such as "\x2b" for "+", and replaces "/" by "-".
/// Keeps the wildcards of a pattern.
std::string escaped_name(std::string_view typed, bool is_pattern);

/// Returns the unit name, or the pattern, for an operand. A name without a suffix gets `suffix`, a
/// path becomes the name of a mount or device, and invalid characters are escaped with a warning
/// (systemctl(1), "Unit names"). Throws Failure if `typed` is empty.
std::string unit_name(std::string_view typed, std::string_view suffix, const Options& options);

bool is_pattern(std::string_view text);
/// Matches like systemctl, by fnmatch(3).
bool matches(std::string_view pattern, std::string_view name);
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

/// Returns whether a loaded unit has the requested types and states. Without requested states, an
/// inactive unit without a job is shown only with --all.
bool is_shown(const json::object& unit, const Options& options);

/// Returns whether --type= or --state= select the units, if there are no operands.
bool is_filtered(const Options& options);

/// Returns the suffix of a unit's name: "service".
std::string_view type_of(std::string_view name);

/// Compares in the order of systemctl's lists: by type, and then by name.
bool is_listed_before(std::string_view one, std::string_view other);

/// Returns all loaded units that are shown, in the order of lists.
std::vector<std::string> shown_units(const Context& context);

/// Returns the unit names of the operands. A pattern stands for all loaded units that match and are
/// shown.
std::vector<std::string> unit_names(const Context& context, std::string_view suffix = ".service");

/// Returns the ActiveState= of a unit, which need not be loaded.
std::string active_state_of(const Context& context, const std::string& unit);
bool is_up(std::string_view active_state);

/// Warns that the files of a unit have changed since the manager read them.
void warn_of_changed_files(std::string_view unit);

/// Returns the text of a member, or an empty text if there is none.
std::string text(const json::object& object, std::string_view name);
/// Returns the texts of a member that is an array, one on each line.
std::string text_lines(const json::object& object, std::string_view name);

}  // namespace notifybridge::ctl
