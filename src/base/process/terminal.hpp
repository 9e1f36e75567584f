#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::process {

/// Standard input, output or error where it is our controlling terminal; else none.
system::Fd controlling_terminal() noexcept;

bool is_session_leader() noexcept;

/// Lets us write to our terminal where only its foreground may (stty tostop), without being stopped
/// or, as a session leader, told that there is no terminal (EIO).
void keep_writing_in_background() noexcept;

/// Makes our own process group the foreground of `terminal` again.
void reclaim_foreground(system::Fd terminal) noexcept;

}  // namespace notifybridge::process
