#pragma once

#include <string_view>

/// The words of a STATUS about a container that has not started yet. `wait` writes them, and
/// `status --check` recognises them.
namespace notifybridge::status {

inline constexpr std::string_view is_pulling = ": pulling ";
inline constexpr std::string_view is_creating = " is creating the container";

}  // namespace notifybridge::status
