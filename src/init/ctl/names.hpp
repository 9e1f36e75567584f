#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/ctl/context.hpp"

namespace notifybridge::ctl {

/// Replaces characters that are invalid in a name: "+" becomes "\x2b", and "/" becomes "-". If
/// `is_pattern` is true, keeps wildcards.
std::string escaped_name(std::string_view typed, bool is_pattern);

/// Returns the unit name or pattern for an operand (systemctl(1), "Unit names"). Adds `suffix` if
/// the operand has no suffix. A path becomes the name of a mount or device. Replaces invalid
/// characters, and warns of that. Throws Failure if `typed` is empty.
std::string unit_name(std::string_view typed, std::string_view suffix, const Options& options);

bool is_pattern(std::string_view text);
/// Returns whether a pattern matches a name (fnmatch(3)), as in systemctl.
bool matches(std::string_view pattern, std::string_view name);
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

/// Returns whether a loaded unit has a requested type and state. If no state is requested, an
/// inactive unit without a job is shown only with --all.
bool is_shown(const json::object& unit, const Options& options);

/// Returns whether --type= or --state= is given. If there are no operands, these options select the
/// units.
bool is_filtered(const Options& options);

/// Returns the suffix of a unit's name, such as "service".
std::string_view type_of(std::string_view name);

/// Returns whether `one` comes before `other` in systemctl's lists, which are sorted by type and
/// then by name.
bool is_listed_before(std::string_view one, std::string_view other);

/// Returns the names of all loaded units that `is_shown` accepts, sorted by type and then by name.
std::vector<std::string> shown_units(const Context& context);

/// Returns the unit names of the operands. A pattern means all loaded units that match and that
/// `is_shown` accepts.
std::vector<std::string> unit_names(const Context& context, std::string_view suffix = ".service");

/// The states of a unit, as `show` prints them.
struct UnitState {
    std::string active;  ///< ActiveState=
    std::string load;    ///< LoadState=
};

/// Returns the states of a unit. The unit need not be loaded.
UnitState state_of(const Context& context, const std::string& unit);
bool is_up(std::string_view active_state);

/// Warns that the unit's files have changed since the manager read them.
void warn_of_changed_files(std::string_view unit);

/// Returns the text of the member `name`. Returns an empty text if the member does not exist.
std::string text(const json::object& object, std::string_view name);
/// Returns the texts of the member `name`, which is an array. Each text is on its own line.
std::string text_lines(const json::object& object, std::string_view name);

}  // namespace notifybridge::ctl
