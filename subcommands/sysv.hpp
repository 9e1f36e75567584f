#pragma once

#include <optional>
#include <string>

#include "base/cli/dispatch.hpp"

namespace notifybridge {

/// The programs of SysV init that systemctl(1) can replace: halt(8), shutdown(8), telinit(8),
/// runlevel(8). Runs the program that has the name of our executable, and returns its exit status.
/// Returns nullopt for other names. Throws UsageError if the command line is wrong.
std::optional<int> run_sysv_program(const cli::Invocation& invocation);

}  // namespace notifybridge
