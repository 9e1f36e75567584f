#pragma once

#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::process {

/// Whether `pid`, the value of LISTEN_PID or WATCHDOG_PID, means this process. With PrivatePIDs= of
/// systemd 257 it is a number of the pid namespace outside: there it means process 1, which systemd
/// has started.
bool is_meant_for_us(std::string_view pid);

/// Returns the descriptors that systemd passed to this process (sd_listen_fds(3)), in their order.
/// None if LISTEN_PID is another's.
std::vector<system::Fd> inherited_fds();

/// Takes over the descriptors that systemd passed to this process (sd_listen_fds(3)), in their
/// order, and keeps them from programs that it starts. None where LISTEN_PID is another's.
std::vector<system::UniqueFd> take_inherited_fds();

}  // namespace notifybridge::process
