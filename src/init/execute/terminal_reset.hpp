#pragma once

#include <string>

#include "init/unit/settings.hpp"

/// What TTYReset= and TTYVHangup= do to a unit's terminal, before each of its processes and when
/// the unit is down (systemd.exec(5)).
namespace notifybridge::execute {

struct TerminalReset {
    std::string path;  ///< Empty: nothing is to be done.
    bool hangs_up = false;
    bool resets = false;
};

TerminalReset terminal_reset_of(const unit::ExecSettings& exec);

/// Takes the terminal from all who have it open, as far as we may, and gives it the settings that a
/// terminal begins with. Makes system calls only, none of which waits; what fails is left out, as
/// systemd leaves it out.
void reset_terminal(const TerminalReset& reset) noexcept;

}  // namespace notifybridge::execute
