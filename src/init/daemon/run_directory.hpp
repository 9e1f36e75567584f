#pragma once

#include <string>

#include "base/system/fd.hpp"

namespace notifybridge::daemon {

/// Opens the directory notifybridge below `run_directory`, for the control socket and the socket
/// for notifications. Creates it if it does not exist. Throws std::system_error.
system::UniqueFd open_run_directory(const std::string& run_directory);

/// Makes this process the only service manager at `run_directory`, for as long as the file that it
/// returns is open. Throws std::runtime_error where another one is that, and std::system_error.
system::UniqueFd claim_run_directory(const std::string& run_directory);

/// Makes the directory for the socket that services notify by, below `run_directory`, and returns
/// the socket's path, which is systemd's. Throws std::system_error.
std::string make_notify_path(const std::string& run_directory);

/// Makes what programs look for to know that systemd is there, and where: /run/systemd/system
/// (sd_booted(3)), /run/systemd/container (Container Interface), and our name in /proc/1/comm. Only
/// as PID 1.
void pretend_to_be_booted();

}  // namespace notifybridge::daemon
