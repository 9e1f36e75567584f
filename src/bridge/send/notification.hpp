#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/notify/assignments.hpp"
#include "base/system/accounts.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::send {

/// A message to the service manager, and the way to send it.
struct Notification {
    notify::Announcement announcement;
    std::vector<std::string> assignments;  ///< Further assignments. They replace assignments of
                                           ///< `announcement` to the same variables.
    std::vector<system::UniqueFd> fds;
    std::optional<pid_t> source;  ///< The sending process; nullopt to find it (`find_source`).
    std::optional<system::Resolved> user;
    /// The shared directory of the `wrap` that gets the message. If this is nullopt, the message
    /// goes to NOTIFY_SOCKET.
    std::optional<std::string> shared_directory;
    bool waits = true;  ///< Whether to wait until the service manager has processed the message.
};

/// Sends the message. Only root can send it as another process or user. Closes the descriptors.
/// Throws Failure on failure.
void send(Notification notification);

}  // namespace notifybridge::send
