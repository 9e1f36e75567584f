#pragma once

#include <string_view>

/// The words of `wait` that `status --check` recognises.
namespace notifybridge::diagnosis {

/// Of a STATUS about a container that has not started yet.
inline constexpr std::string_view is_pulling = ": pulling ";
inline constexpr std::string_view is_creating = " is creating the container";

}  // namespace notifybridge::diagnosis
