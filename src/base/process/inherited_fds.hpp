#pragma once

#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::process {

/// Returns the descriptors that systemd passed to this process (sd_listen_fds(3)), in their order.
/// None if LISTEN_PID is another's.
std::vector<system::Fd> inherited_fds();

/// Takes over the descriptors that systemd passed to this process (sd_listen_fds(3)), in their
/// order, and keeps them from programs that it starts. None where LISTEN_PID is another's.
std::vector<system::UniqueFd> take_inherited_fds();

}  // namespace notifybridge::process
