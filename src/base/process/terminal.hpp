#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::process {

/// Returns the first of standard input, output and error that is our controlling terminal. Returns
/// an empty Fd if none of them is.
system::Fd controlling_terminal() noexcept;

bool is_session_leader() noexcept;

/// Lets us write to our terminal from the background even with `stty tostop`. Otherwise we would be
/// stopped, or would get EIO as a session leader.
void keep_writing_in_background() noexcept;

/// Makes our process group the foreground of `terminal` again.
void reclaim_foreground(system::Fd terminal) noexcept;

}  // namespace notifybridge::process
