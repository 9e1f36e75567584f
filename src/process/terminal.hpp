#pragma once

#include "system/fd.hpp"

namespace notifybridge::process {

/// Standard input, output or error where it is our controlling terminal; else none.
system::Fd controlling_terminal() noexcept;

bool is_session_leader() noexcept;

/// Makes our own process group the foreground of `terminal` again.
void reclaim_foreground(system::Fd terminal) noexcept;

}  // namespace notifybridge::process
