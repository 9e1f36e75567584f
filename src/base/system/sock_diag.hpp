#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "base/system/listeners.hpp"

namespace notifybridge::system {

/// Asks the kernel for the sockets in our network namespace (sock_diag(7)), or reads the tables of
/// /proc/net if the kernel does not answer: a security module, a system call filter or gVisor may
/// refuse the question, and a module of the kernel may be missing. Never connects to a socket.
class SockDiag {
public:
    /// Returns the listeners at `port`, or at all ports if `port` is 0.
    std::vector<Listener> listeners(Transport transport, std::uint16_t port);

    std::vector<LocalListener> local_listeners();

private:
    /// The kinds of questions. The kernel may have only the modules for some of them.
    enum class Kind : std::uint8_t { tcp, udp, local };

    bool is_refused(Kind kind) const { return (refused_ & 1U << static_cast<unsigned>(kind)) != 0; }
    void refuse(Kind kind);

    UniqueFd socket_;
    unsigned refused_ = 0;  ///< The kinds that the kernel did not answer, one bit each.
};

}  // namespace notifybridge::system
