#pragma once

#include <string>

namespace notifybridge::daemon {

/// The least queue length of datagram sockets that we request (sysctl net.unix.max_dgram_qlen). A
/// new network namespace has 10. systemd raises the value to 512 as PID 1, because hundreds of
/// services may notify at once.
inline constexpr unsigned least_queue_length = 512;

/// Raises a kernel parameter to `least` if its value is lower. Does nothing if the file has no
/// number, or is not writable.
void raise_sysctl(const std::string& file, unsigned least);

/// Raises the length of queues to `least_queue_length` if this is PID 1, because the network
/// namespace is ours then.
void make_room_for_messages();

}  // namespace notifybridge::daemon
