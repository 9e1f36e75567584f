#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/status/unit.hpp"

namespace notifybridge::status {

/// A running `wait`, as /proc and the service manager show it. Facts that we may not see are left
/// empty.
struct Waiter {
    std::optional<std::string> notify_socket;  ///< Its $NOTIFY_SOCKET.
    bool environment_is_known = false;
    pid_t leaking_pid = 0;  ///< A process below it with the same $NOTIFY_SOCKET; otherwise 0.
    bool has_new_privs = true;
    bool has_seccomp = false;
    std::optional<UnitFacts> unit;
    std::vector<std::string> words;  ///< The words of its command line.
    std::string search_path;         ///< Its $PATH.
};

/// Returns the words of its command line; none if they are not known.
std::vector<std::string> words_of_waiter(pid_t pid, system::Fd directory);

/// Returns nullopt if the process does not have `directory` open: the pid belongs to another
/// process if `wait` is in another pid namespace.
std::optional<Waiter> look_at_waiter(pid_t pid, system::Fd directory);

}  // namespace notifybridge::status
