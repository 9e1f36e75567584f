#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/message.hpp"
#include "base/system/datagram.hpp"

namespace notifybridge::notify {

/// A datagram that keeps the wire's rules. `text` is valid until the next one is received.
struct Datagram {
    std::string_view text;
    system::Credentials sender;
    std::vector<system::UniqueFd> fds;
};

/// The socket that programs send to: the receiving end of sd_notify(3).
class Receiver {
public:
    /// Makes the socket at `path` (at most 107 bytes), in place of one left over there, with these
    /// permissions. Throws std::system_error.
    Receiver(std::string_view path, mode_t mode);

    /// Makes the socket at an abstract name that the kernel chooses (unix(7), Autobind feature) and
    /// that is gone with it: anybody in the network namespace can send. Throws std::system_error.
    Receiver();

    /// The name that the kernel chose, as NOTIFY_SOCKET takes it: "@0c1d2".
    std::string abstract_address() const;

    system::Fd fd() const { return socket_; }

    enum class Outcome { datagram, dropped, nothing };

    /// Takes the next datagram, without waiting: `datagram` fills in `received`, `dropped` fills in
    /// `reason`, and the sender so far as it is known. Throws std::system_error where the socket
    /// itself fails.
    Outcome receive(Datagram& received, DropReason& reason);

private:
    system::UniqueFd socket_;
    // A byte more than is allowed, so that a longer datagram shows as cut.
    std::array<std::byte, longest_datagram + 1> buffer_;
};

}  // namespace notifybridge::notify
