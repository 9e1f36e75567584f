#pragma once

#include <string_view>

/// The words of `wait` that `status --check` recognises.
namespace notifybridge::diagnosis {

/// Of a STATUS about a container that has not started yet.
inline constexpr std::string_view is_pulling = ": pulling ";
inline constexpr std::string_view is_creating = " is creating the container";
/// Of the error about a container that was started again during the unit.
inline constexpr std::string_view is_started_by_others =
    "another program has started the container again";

}  // namespace notifybridge::diagnosis
