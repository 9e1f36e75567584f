#pragma once

#include <string>

#include "init/unit/settings.hpp"

/// Applies TTYReset= and TTYVHangup= to a unit's terminal, before each process and after the unit
/// has stopped (systemd.exec(5)).
namespace notifybridge::execute {

struct TerminalReset {
    std::string path;  ///< Empty if there is nothing to do.
    bool hangs_up = false;
    bool resets = false;
};

TerminalReset terminal_reset_of(const unit::ExecSettings& exec);

/// Disconnects all processes from the terminal if permitted, and restores its initial settings.
/// Only makes system calls that do not wait. Like systemd, ignores errors.
void reset_terminal(const TerminalReset& reset) noexcept;

}  // namespace notifybridge::execute
