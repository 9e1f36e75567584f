#pragma once

#include <boost/system/error_code.hpp>

#include "base/util/function_ref.hpp"

/// Uses seccomp(2). A process gives up system calls for itself and its children, and can never use
/// them again.
namespace notifybridge::wait {

/// System calls that only some `wait` processes make.
struct MoreCalls {
    bool looks_up_processes = false;
    bool accepts_connections = false;
};

/// Restricts this process, which must have no_new_privs, to the system calls that `wait` makes
/// while its command runs. `more` allows further calls. The kernel answers EPERM to all other
/// calls. The process cannot start processes, can send signals with kill(2) only to itself, and
/// cannot make memory executable. It can create AF_VSOCK sockets, and AF_UNIX sockets of the types
/// SOCK_DGRAM and SOCK_SEQPACKET. Returns ENOTSUP on an architecture whose system calls are not
/// known here, and EINVAL if the kernel has no filters. After an error, nothing has changed.
boost::system::error_code filter_system_calls(const MoreCalls& more);

/// Returns whether this process would survive `act`. A filter that we were started with, such as
/// systemd's SystemCallFilter=, may kill a process for a system call. So a child makes the call
/// first.
bool survives_filter(util::FunctionRef<void()> act);

}  // namespace notifybridge::wait
