#pragma once

#include <string>

#include "init/files/unit/settings.hpp"

/// Applies TTYReset= and TTYVHangup= to a unit's terminal (systemd.exec(5)). The reset happens
/// before the start of each process, and after the unit has stopped.
namespace notifybridge::execute {

struct TerminalReset {
    std::string path;  ///< Empty if the unit's settings request no reset.
    bool hangs_up = false;
    bool resets = false;
};

TerminalReset terminal_reset_of(const unit::ExecSettings& exec);

/// Disconnects all processes from the terminal if permitted, and restores the initial settings of
/// the terminal. Makes only system calls that do not block. Like systemd, ignores errors.
void reset_terminal(const TerminalReset& reset) noexcept;

}  // namespace notifybridge::execute
