#pragma once

#include <memory>
#include <string>

namespace notifybridge::manager {

/// Whether a unit needs the sockets that started it.
enum class SocketUse {
    none,      ///< It is down, or will be restarted.
    released,  ///< Only its last processes are ending: the socket can listen again.
    changing,  ///< It is starting or stopping.
    running,   ///< It serves the sockets.
};

/// A unit that a socket unit starts on traffic: it takes over the sockets, or one connection
/// (systemd.socket(5), Service=, Accept=).
class SocketActivated {
public:
    virtual ~SocketActivated() = default;

    virtual SocketUse socket_use() const = 0;
    /// Prepares the unit for a connection, which the caller then hands over. Keeps `place` as long
    /// as it has the connection, and adds `peer`, the other end, to its description. Returns false
    /// if it cannot have a connection now.
    virtual bool take_connection(std::shared_ptr<void> place, const std::string& peer) = 0;
    virtual void close_connection() = 0;
};

}  // namespace notifybridge::manager
