#pragma once

#include <boost/json/array.hpp>
#include <optional>
#include <string_view>

#include "bridge/runtime/json_text.hpp"

/// Changes the command of a container, which is process.args in config.json.
namespace notifybridge::runtime {

struct Wish;

/// Returns an edit that puts `wrap` in front of the command. `list` is the text of `arguments`.
/// Neither of them may be empty. If the command already starts with a `wrap`, the edit adds only
/// the health check. Returns nullopt if the command stays unchanged.
std::optional<Edit> command_edit(std::string_view list, const boost::json::array& arguments,
                                 const Wish& wish);

/// Returns whether a `wrap` will run this command: our own `wrap`, or that of the image. Our other
/// programs, such as `notifybridge init`, do not run a health check.
bool command_runs_health_check(const boost::json::array& arguments);

}  // namespace notifybridge::runtime
