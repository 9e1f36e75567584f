#pragma once

#include <optional>
#include <string>

#include "bridge/status/mode.hpp"

namespace notifybridge::status {

/// A call of `status`.
struct Request {
    Mode mode = Mode::table;
    bool asks_for_all = false;        ///< For all directories that have a `wait`.
    std::optional<std::string> path;  ///< A directory, or the name of a unit.
    std::string invoked_as;           ///< Starts each line on standard error.
};

/// Prints the answer, and returns the exit status. Throws cli::UsageError if the mode does not fit
/// the number of directories.
int answer(const Request& request);

}  // namespace notifybridge::status
