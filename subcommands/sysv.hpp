#pragma once

#include <optional>
#include <string>

#include "base/cli/dispatch.hpp"

namespace notifybridge {

/// The programs of SysV init that systemctl(1) also stands for: halt(8), shutdown(8), telinit(8),
/// runlevel(8). Runs the program whose name the executable was called by, and returns its exit
/// status. Returns nullopt for other names. Throws UsageError.
std::optional<int> run_sysv_program(const cli::Invocation& invocation);

}  // namespace notifybridge
