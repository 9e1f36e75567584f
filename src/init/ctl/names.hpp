#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/ctl/context.hpp"

namespace notifybridge::ctl {

/// Writes what no name may have as "\x2b", and a "/" as "-"; the wildcards of a pattern stay.
std::string escaped_name(std::string_view typed, bool is_pattern);

/// The name of a unit, or a pattern, as it may be typed: what has no suffix gets this one, a path
/// is that of a mount or a device, and what no name may have is escaped, with a warning
/// (systemctl(1), "Unit names"). Throws Failure where nothing was typed.
std::string unit_name(std::string_view typed, std::string_view suffix, const Options& options);

bool is_pattern(std::string_view text);
/// fnmatch(3), as systemctl compares names.
bool matches(std::string_view pattern, std::string_view name);
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

/// Whether a unit that the manager has in memory is of the types and states asked for. Where no
/// state is, a unit that is inactive and has no job is shown only with --all.
bool is_shown(const json::object& unit, const Options& options);

/// Whether --type= or --state= say which units are meant, where no operand does.
bool is_filtered(const Options& options);

/// What a unit's name ends with: "service".
std::string_view type_of(std::string_view name);

/// The order of systemctl's lists: by type, and then by name.
bool is_listed_before(std::string_view one, std::string_view other);

/// All that the manager has in memory and is shown, in the order of lists.
std::vector<std::string> shown_units(const Context& context);

/// The operands as names of units: a pattern stands for all that the manager has in memory that
/// match it, and are shown.
std::vector<std::string> unit_names(const Context& context, std::string_view suffix = ".service");

/// The ActiveState= of a unit, which need not be in memory.
std::string active_state_of(const Context& context, const std::string& unit);
bool is_up(std::string_view active_state);

/// Says that the files of a unit are others than those that the manager read.
void warn_of_changed_files(std::string_view unit);

/// A member's text; empty where there is none.
std::string text(const json::object& object, std::string_view name);
/// The texts of a member that is an array of them, a line each.
std::string text_lines(const json::object& object, std::string_view name);

}  // namespace notifybridge::ctl
