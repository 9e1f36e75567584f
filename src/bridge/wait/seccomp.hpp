#pragma once

#include <boost/system/error_code.hpp>
#include <functional>

/// seccomp(2): a process gives up system calls for itself and its children, and cannot get them
/// back.
namespace notifybridge::wait {

/// Calls that not every `wait` makes.
struct MoreCalls {
    bool looks_up_processes = false;
    bool accepts_connections = false;
};

/// Restricts this process, which must have no_new_privs, to the system calls that `wait` makes once
/// its command runs. The kernel answers EPERM to any other. The process can start no process, send
/// signals by number only to itself, and make no memory executable. Its sockets are of AF_UNIX,
/// without SOCK_STREAM, and AF_VSOCK. `more` allows further calls. Returns ENOTSUP on a machine
/// whose calls are not known here, or EINVAL if the kernel has no filters. On error nothing
/// changes.
boost::system::error_code filter_system_calls(const MoreCalls& more);

/// Returns whether this process would survive `act`. A filter that we were started with, such as
/// systemd's SystemCallFilter=, may kill a process for a call that it does not know. So a child
/// makes that call first.
bool survives_filter(const std::function<void()>& act);

}  // namespace notifybridge::wait
