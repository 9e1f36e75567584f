#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::process {

/// The two ends of a pseudo-terminal (pty(7)).
struct PseudoTerminal {
    system::UniqueFd ours;
    system::UniqueFd others;  ///< The terminal.
};

/// A terminal with the settings and the size of `original`, except that bytes pass it as they are:
/// what `original` does with them is done there, and once. Reading our end does not block. Throws
/// std::system_error where there can be none, as without /dev/ptmx.
PseudoTerminal make_pseudo_terminal(system::Fd original);

/// Gives `copy`, our end of a pseudo-terminal, the size that `original` has. Whether that is new.
bool follow_size(system::Fd original, system::Fd copy) noexcept;

}  // namespace notifybridge::process
