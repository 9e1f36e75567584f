#pragma once

#include <optional>
#include <string>

#include "base/cli/dispatch.hpp"

namespace notifybridge {

/// The programs of SysV init that systemctl(1) also stands for: halt(8), shutdown(8), telinit(8),
/// runlevel(8). Runs the program that the executable was called as, and returns its exit status;
/// nullopt if it is not one of them. Throws UsageError.
std::optional<int> run_sysv_program(const cli::Invocation& invocation);

}  // namespace notifybridge
