#pragma once

#include <string>

#include "init/unit/settings.hpp"

/// The effect of TTYReset= and TTYVHangup= on a unit's terminal, before each process and after the
/// unit has stopped (systemd.exec(5)).
namespace notifybridge::execute {

struct TerminalReset {
    std::string path;  ///< Empty: there is nothing to do.
    bool hangs_up = false;
    bool resets = false;
};

TerminalReset terminal_reset_of(const unit::ExecSettings& exec);

/// Disconnects all processes from the terminal, as far as permitted, and restores its initial
/// settings. Only makes system calls that do not wait. Ignores errors, as systemd does.
void reset_terminal(const TerminalReset& reset) noexcept;

}  // namespace notifybridge::execute
