#pragma once

#include <boost/system/error_code.hpp>
#include <functional>

/// seccomp(2): a process gives up system calls for itself and its children, and cannot take them
/// back.
namespace notifybridge::wait {

/// From here on this process, which must have no_new_privs, makes only the system calls that `wait`
/// makes once its command runs; to any other the kernel answers EPERM. No process is started, none
/// but this one is named by a number, no memory is made executable, and sockets are of AF_UNIX and
/// AF_VSOCK, the former without connections of SOCK_STREAM. `reads_processes`: those too by which
/// other processes are looked up. ENOTSUP for a machine whose calls are not known here, EINVAL
/// where the kernel has no filters. An error leaves all as it was.
boost::system::error_code filter_system_calls(bool reads_processes);

/// Whether this process survives `act`. A filter that it was started with, as by systemd's
/// SystemCallFilter=, may end it for a call that the filter does not know, so a child makes that
/// call first.
bool survives_filter(const std::function<void()>& act);

}  // namespace notifybridge::wait
