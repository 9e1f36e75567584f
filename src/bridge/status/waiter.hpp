#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/diagnosis/unit.hpp"

namespace notifybridge::status {

/// A running `wait` as /proc and the service manager show it. Members are empty if we may not read
/// them.
struct Waiter {
    std::optional<std::string> notify_socket;  ///< The $NOTIFY_SOCKET of `wait`.
    bool environment_is_known = false;
    pid_t leaking_pid = 0;  ///< A descendant of `wait` that has the same $NOTIFY_SOCKET, or 0.
    bool has_new_privs = true;
    bool has_seccomp = false;
    std::optional<diagnosis::UnitFacts> unit;
    std::vector<std::string> words;  ///< The words of the command line of `wait`.
    std::string search_path;         ///< The $PATH of `wait`.
    std::string docker_host;         ///< The $DOCKER_HOST of `wait`.
};

/// Returns the words of the command line of `wait`. Returns an empty list if the process cannot be
/// read, does not have `directory` open, or is in another pid namespace. A container can write any
/// pid into `host`, and start processes that look like `wait`.
std::vector<std::string> words_of_waiter(pid_t pid, system::Fd directory);

/// Returns the `wait` with this pid. Returns nullopt if the process does not have `directory` open.
/// In that case, `wait` is in another pid namespace, and the pid belongs to another process in our
/// namespace.
std::optional<Waiter> read_waiter(pid_t pid, system::Fd directory);

/// Returns a process in our pid namespace that has `directory` open, other than `wrap`, this
/// process and standby helpers. Only `wait` keeps a shared directory open. Returns 0 if there is
/// none.
pid_t find_user_of(system::Fd directory, pid_t wrap);

}  // namespace notifybridge::status
