#pragma once

#include <string>
#include <string_view>

#include "bridge/diagnosis/symptoms.hpp"

/// Finds a READY=1 in the unit's log that `wrap --notify-access=main` ignored. Pure.
namespace notifybridge::diagnosis {

/// Returns a sentence about the ignored READY=1, without advice. Returns an empty text if the log
/// does not show an ignored READY=1.
std::string ignored_ready(const Symptoms& symptoms);

/// Returns what to do about the ignored READY=1.
std::string remedy_of_ignored_ready(const Symptoms& symptoms);

/// The advice to give if the unit is not known.
inline constexpr std::string_view general_remedy_of_ignored_ready =
    "remove --notify-access=main, start the app with `exec` in its script, or let the command send "
    "MAINPID= with the app's pid";

}  // namespace notifybridge::diagnosis
