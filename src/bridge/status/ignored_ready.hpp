#pragma once

#include <string>
#include <string_view>

#include "bridge/status/symptoms.hpp"

/// Pure: a READY=1 that `wrap --notify-access=main` ignored, as the unit's log tells it.
namespace notifybridge::status {

/// Returns what happened, without advice; empty if the log does not say so.
std::string ignored_ready(const Symptoms& symptoms);

/// Returns what to do about it.
std::string remedy_of_ignored_ready(const Symptoms& symptoms);

/// The advice if the unit is not known.
inline constexpr std::string_view general_remedy_of_ignored_ready =
    "leave out --notify-access=main, `exec` the app in its script, or have the command name it by "
    "MAINPID=";

}  // namespace notifybridge::status
