#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::process {

/// The two ends of a pseudo-terminal (pty(7)).
struct PseudoTerminal {
    system::UniqueFd ours;
    system::UniqueFd others;  ///< The end for other processes, which is the terminal.
};

/// Creates a terminal with the settings and the size of `original`. The new terminal passes bytes
/// unchanged, so that only `original` processes them. Reading from `ours` does not block. Throws
/// std::system_error if the terminal cannot be created, for example if /dev/ptmx does not exist.
PseudoTerminal make_pseudo_terminal(system::Fd original);

/// Sets the size of `copy`, our end, to that of `original`. Returns whether the size changed.
bool follow_size(system::Fd original, system::Fd copy) noexcept;

}  // namespace notifybridge::process
