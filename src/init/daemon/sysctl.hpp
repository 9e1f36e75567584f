#pragma once

#include <string>

namespace notifybridge::daemon {

/// The least queue length of datagram sockets that we request (sysctl net.unix.max_dgram_qlen). The
/// value is 10 in a new network namespace. As PID 1, systemd raises the value to 512, because
/// hundreds of services may notify at once.
inline constexpr unsigned least_queue_length = 512;

/// Raises a kernel parameter to `least` if its value is lower. Does nothing if the file has no
/// number, or is not writable.
void raise_sysctl(const std::string& file, unsigned least);

/// Raises the queue length of datagram sockets to `least_queue_length` . Only for the
/// manager of a container, whose network namespace usually belongs to this container alone.
void make_room_for_messages();

}  // namespace notifybridge::daemon
