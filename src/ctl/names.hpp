#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctl/context.hpp"

namespace notifybridge::ctl {

/// The name of a unit as it may be typed: what has no suffix gets this one, and what no name may
/// have is escaped (systemctl(1), "Unit names").
std::string unit_name(std::string_view typed, std::string_view suffix = ".service");

bool is_pattern(std::string_view text);
/// fnmatch(3), as systemctl compares names.
bool matches(std::string_view pattern, std::string_view name);
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

/// The operands as names of units: a pattern stands for all that the manager has in memory that
/// match it.
std::vector<std::string> unit_names(const Context& context, std::string_view suffix = ".service");

/// A member's text; empty where there is none.
std::string text(const json::object& object, std::string_view name);

}  // namespace notifybridge::ctl
