#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/notify/assignments.hpp"
#include "base/system/accounts.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::send {

/// A message to the service manager, and how to send it.
struct Notification {
    notify::Announcement announcement;
    std::vector<std::string> assignments;  ///< Each replaces what the announcement says of its key.
    std::vector<system::UniqueFd> fds;
    std::optional<pid_t> source;  ///< The sending process. By default it is found.
    std::optional<system::Resolved> user;
    /// If it is set, the message goes to the `wrap` of this shared directory, and otherwise to
    /// NOTIFY_SOCKET.
    std::optional<std::string> shared_directory;
    bool waits = true;  ///< Whether to wait until the service manager has processed the message.
};

/// Sends the message, for root as the other process and user. Closes the descriptors. Throws
/// Failure.
void send(Notification notification);

}  // namespace notifybridge::send
