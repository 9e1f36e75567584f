#pragma once

#include <string>
#include <vector>

#include "base/process/exit_status.hpp"

namespace notifybridge::ctl {

/// Runs the program in `arguments` with our own standard streams, and waits for its end. Throws
/// std::system_error if the program cannot be run.
process::ExitStatus run_program(const std::vector<std::string>& arguments);

}  // namespace notifybridge::ctl
