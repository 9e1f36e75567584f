#pragma once

#include <string>

#include "base/system/fd.hpp"

namespace notifybridge::daemon {

/// Opens the directory `notifybridge` in `run_directory`, for the control socket and the lock file.
/// Creates `run_directory` and this directory if necessary. Throws std::system_error on failure.
system::UniqueFd open_run_directory(const std::string& run_directory);

/// Makes this process the only service manager at `run_directory` while the returned file is open.
/// Throws std::runtime_error if another manager uses `run_directory`. Throws std::system_error if a
/// file cannot be used.
system::UniqueFd claim_run_directory(const std::string& run_directory);

/// Creates the directory for the notification socket in `run_directory`. Returns the path of the
/// socket, which is the same as for systemd. Throws std::system_error on failure.
std::string make_notify_path(const std::string& run_directory);

/// Makes programs detect systemd as the running manager. Creates /run/systemd/system (sd_booted(3))
/// and /run/systemd/container (Container Interface), and changes our name in /proc/1/comm. Only for
/// the manager of a container.
void pretend_to_be_booted();

/// Removes the units that systemd-run(1) made before the last end of the system, if /run below
/// `root` was kept.
void remove_transient_units(const std::string& root);

/// Makes /dev/log a link to the socket for syslog(3) if /dev/log does not exist. Only for the
/// manager of a container.
void link_system_log();

}  // namespace notifybridge::daemon
