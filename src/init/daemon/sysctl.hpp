#pragma once

#include <string>

namespace notifybridge::daemon {

/// How many datagrams wait in a socket that is made from now on, before a sender has to: ten in a
/// new network namespace, and systemd as PID 1 has no less than 512, as its services notify by the
/// hundred (sysctl net.unix.max_dgram_qlen).
inline constexpr unsigned least_queue_length = 512;

/// Writes `least` to the file of a kernel's parameter that has less. What may not be written, or is
/// no number, stays as it is.
void raise_sysctl(const std::string& file, unsigned least);

/// Does the same for the length of queues, if this is PID 1: then the network namespace is ours.
void make_room_for_messages();

}  // namespace notifybridge::daemon
