#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace notifybridge::diagnosis {

/// Asks the service manager of another user through the manager's own socket. Only root may do
/// this. Starts no program as that user, because the user could control the program and everything
/// that it inherited from us. The user can control the socket, so the answer is not trusted and its
/// size is limited.
///
/// Returns what `systemctl show` would print about the unit `name`. If `name` is "*.service",
/// returns all loaded services. The text has KEY=VALUE lines, with an empty line between two units.
/// Returns an empty text if the manager does not answer within `patience`.
std::string show_units_of_user(uid_t user, const std::string& name,
                               std::chrono::milliseconds patience);

/// Like `show_units_of_user`, but uses the manager's files in `directory` instead of
/// /run/user/UID/systemd.
std::string show_units_at(const std::string& directory, uid_t user, const std::string& name,
                          std::chrono::milliseconds patience);

}  // namespace notifybridge::diagnosis
