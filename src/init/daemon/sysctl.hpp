#pragma once

#include <string>

namespace notifybridge::daemon {

/// The least length of a new socket's queue of datagrams (sysctl net.unix.max_dgram_qlen). A new
/// network namespace has 10. systemd as PID 1 raises it to 512, because hundreds of services may
/// notify at once.
inline constexpr unsigned least_queue_length = 512;

/// Writes `least` to the file of a kernel parameter if its value is lower. A value that is not a
/// number, or may not be written, stays.
void raise_sysctl(const std::string& file, unsigned least);

/// Does the same for the length of queues, if this is PID 1: then the network namespace is ours.
void make_room_for_messages();

}  // namespace notifybridge::daemon
