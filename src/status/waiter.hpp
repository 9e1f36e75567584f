#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::status {

/// What the service manager says of the unit that a process belongs to.
struct UnitFacts {
    std::string name;
    std::string type;           ///< Type=
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

/// Nothing where there is no such process in this pid namespace.
std::optional<Waiter> look_at_waiter(pid_t pid);

/// The unit in the text of /proc/PID/cgroup: "app.service"; empty where it names none.
std::string unit_in_cgroup(std::string_view text);

}  // namespace notifybridge::status
