#pragma once

#include <optional>
#include <string>

#include "bridge/status/mode.hpp"

namespace notifybridge::status {

/// The arguments of `status`.
struct Request {
    Mode mode = Mode::table;
    bool asks_for_all = false;        ///< Whether the user asks for all directories with a `wait`.
    std::optional<std::string> path;  ///< A directory, or the name of a unit.
    bool is_of_user = false;          ///< Whether the unit is one of the calling user.
    std::string invoked_as;           ///< The beginning of each line on standard error.
};

/// Prints the answer, and returns the exit status. Throws cli::UsageError if the mode allows only
/// one directory and there are several.
int answer(const Request& request);

}  // namespace notifybridge::status
