#pragma once

#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::process {

/// Returns whether `pid`, the value of LISTEN_PID or WATCHDOG_PID, means this process. If the unit
/// has PrivatePIDs= (systemd 257), we are process 1, and the value comes from the outer pid
/// namespace. So process 1 accepts any value.
bool is_meant_for_us(std::string_view pid);

/// Returns the descriptors that systemd passed to this process (sd_listen_fds(3)), in order.
/// Returns an empty list if LISTEN_PID names another process.
std::vector<system::Fd> inherited_fds();

/// Takes ownership of the inherited descriptors. Sets close-on-exec, so that programs that we start
/// do not inherit them.
std::vector<system::UniqueFd> take_inherited_fds();

}  // namespace notifybridge::process
