#pragma once

#include <string>

#include "base/system/fd.hpp"

namespace notifybridge::daemon {

/// Opens the directory notifybridge below `run_directory`, for the control socket and the socket
/// for notifications. Creates it if it does not exist. Throws std::system_error.
system::UniqueFd open_run_directory(const std::string& run_directory);

/// Makes this process the only service manager at `run_directory` while the returned file is open.
/// Throws std::runtime_error if there is another one, or std::system_error.
system::UniqueFd claim_run_directory(const std::string& run_directory);

/// Creates the directory for the notification socket below `run_directory`. Returns the socket's
/// path, which is the same as systemd's. Throws std::system_error.
std::string make_notify_path(const std::string& run_directory);

/// Creates the files by which programs recognize systemd: /run/systemd/system (sd_booted(3)),
/// /run/systemd/container (Container Interface), and our name in /proc/1/comm. Only as PID 1.
void pretend_to_be_booted();

/// Makes /dev/log lead to the socket for syslog(3), if there is nothing at /dev/log. Only as PID 1.
void link_system_log();

}  // namespace notifybridge::daemon
