#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/diagnosis/unit.hpp"

namespace notifybridge::diagnosis {

/// A service manager: that of a user, or the system's if nullopt.
using Manager = std::optional<uid_t>;

/// Asks a service manager on D-Bus about the unit `name`, or about all loaded services if `name` is
/// "*.service". The system's manager has a socket of its own, which only root may use, and is on
/// the system bus. A user's manager only has a socket of its own, which that user and root may use.
///
/// Starts no program as another user, because the user could control the program and everything
/// that it inherited from us. The user can control the socket, so the answer is not trusted and its
/// size is limited.
///
/// Returns no unit if the manager does not answer within `patience`. Returns nullopt if no socket
/// leads to the manager, or if the system's manager is not systemd.
std::optional<std::vector<UnitFacts>> ask_manager(Manager manager, const std::string& name,
                                                  std::chrono::milliseconds patience);

/// Like `ask_manager` for a user, but uses the manager's files in `directory` instead of
/// /run/user/UID/systemd.
std::optional<std::vector<UnitFacts>> ask_manager_in(system::Fd directory, uid_t user,
                                                     const std::string& name,
                                                     std::chrono::milliseconds patience);

}  // namespace notifybridge::diagnosis
