#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::status {

/// What the service manager says of the unit that a process belongs to.
struct UnitFacts {
    std::string name;
    std::optional<uid_t> user;  ///< Whose manager has it, where that is not the system's.
    std::string type;           ///< Type=; empty where the manager does not answer us.
    std::string notify_access;  ///< NotifyAccess=
    pid_t main_pid = 0;
};

/// A running `wait` as /proc and the service manager show it. What may not be seen is not there.
struct Waiter {
    std::optional<std::string> notify_socket;  ///< Its $NOTIFY_SOCKET.
    bool environment_is_known = false;
    pid_t leaking_pid = 0;  ///< A process below it that has the same $NOTIFY_SOCKET; else 0.
    bool has_new_privs = true;
    bool has_seccomp = false;
    std::optional<UnitFacts> unit;
};

/// Nothing where the process of this number is not one that has `directory` open: in another pid
/// namespace than that of `wait` it is somebody else's.
std::optional<Waiter> look_at_waiter(pid_t pid, system::Fd directory);

/// The unit in the text of /proc/PID/cgroup: "app.service"; empty where it names none.
std::string unit_in_cgroup(std::string_view text);

/// Whose service manager has the units in that text; nothing where that is the system's.
std::optional<uid_t> user_in_cgroup(std::string_view text);

}  // namespace notifybridge::status
