#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace notifybridge::status {

/// Asks the service manager of another user, as root may, on the manager's own socket. Nothing is
/// started as that user: a program would belong to them, and they could take over all that it has
/// from us. That user can control the socket, so the answer is not trusted, and its size is
/// limited.
///
/// Returns what `systemctl show` would print of the unit of that name, or of all loaded services if
/// `name` is "*.service": KEY=VALUE lines, with an empty line between two units. Empty if the
/// manager does not answer within `patience`.
std::string show_units_of_user(uid_t user, const std::string& name,
                               std::chrono::milliseconds patience);

/// Does the same with the manager's files in `directory` instead of /run/user/UID/systemd.
std::string show_units_at(const std::string& directory, uid_t user, const std::string& name,
                          std::chrono::milliseconds patience);

}  // namespace notifybridge::status
