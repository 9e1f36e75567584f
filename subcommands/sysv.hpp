#pragma once

#include <optional>
#include <string>

#include "base/cli/dispatch.hpp"

namespace notifybridge {

/// Runs the program of SysV init that has the name of our executable, and returns its exit status.
/// These programs, which systemctl(1) can also replace, are halt(8), shutdown(8), telinit(8) and
/// runlevel(8). Returns nullopt for other names. Throws UsageError if the command line is wrong.
std::optional<int> run_sysv_program(const cli::Invocation& invocation);

}  // namespace notifybridge
