#pragma once

#include "base/process/exit_status.hpp"

namespace notifybridge::process {

/// Returns the terminating signal n that we received, if the command was killed by n or exited with
/// 128+n. Returns 0 if there is none.
inline int received_end(ExitStatus command, const SignalSet& received) {
    const int signal = command.shell_status() - 128;
    const bool was_received = signal > 0 && static_cast<std::size_t>(signal) < received.size()
                              && received.test(static_cast<std::size_t>(signal));
    return was_received && is_terminating(signal) ? signal : 0;
}

}  // namespace notifybridge::process
