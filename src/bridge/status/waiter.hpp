#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/status/unit.hpp"

namespace notifybridge::status {

/// A running `wait` as /proc and the service manager show it. What may not be seen is not there.
struct Waiter {
    std::optional<std::string> notify_socket;  ///< Its $NOTIFY_SOCKET.
    bool environment_is_known = false;
    pid_t leaking_pid = 0;  ///< A process below it that has the same $NOTIFY_SOCKET; else 0.
    bool has_new_privs = true;
    bool has_seccomp = false;
    std::optional<UnitFacts> unit;
    std::vector<std::string> words;  ///< Of its command line.
    std::string search_path;         ///< Its $PATH.
};

/// The words of its command line; none where it is not known.
std::vector<std::string> words_of_waiter(pid_t pid, system::Fd directory);

/// Nothing where the process of this number is not one that has `directory` open: in another pid
/// namespace than that of `wait` it is somebody else's.
std::optional<Waiter> look_at_waiter(pid_t pid, system::Fd directory);

}  // namespace notifybridge::status
