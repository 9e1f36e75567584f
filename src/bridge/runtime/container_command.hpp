#pragma once

#include <boost/json/array.hpp>
#include <optional>
#include <string_view>

#include "bridge/runtime/json_text.hpp"

/// Changes the command of a container, process.args of its config.json.
namespace notifybridge::runtime {

struct Wish;

/// Returns the edit of `list`, the text of `arguments`, that puts `wrap` in front. If the command
/// already starts with a `wrap`, the edit adds no more than the health check. Returns nullopt if
/// the command stays unchanged. Both must be a list of one string or more.
std::optional<Edit> command_edit(std::string_view list, const boost::json::array& arguments,
                                 const Wish& wish);

/// Returns whether a `wrap` will run this command, ours or the image's own. Any other program of
/// ours (`notifybridge init`) runs no health check.
bool command_runs_health_check(const boost::json::array& arguments);

}  // namespace notifybridge::runtime
