#pragma once

#include <memory>
#include <string>

namespace notifybridge::manager {

/// The way in which a unit uses the sockets that started it.
enum class SocketUse {
    none,      ///< The unit is down, or waits for its restart.
    released,  ///< Only the last processes of the unit are ending, and the socket can listen again.
    changing,  ///< The unit is starting or stopping.
    running,   ///< The unit serves the sockets.
};

/// A unit that a socket unit starts when there is traffic. The started unit takes over the sockets,
/// or one connection (systemd.socket(5), Service=, Accept=).
class SocketActivated {
public:
    virtual ~SocketActivated() = default;

    virtual SocketUse socket_use() const = 0;
    /// Prepares the unit for a connection. The caller hands over the connection next. Keeps `place`
    /// until the connection ends, because the socket unit counts the connection while `place`
    /// exists. Adds the address `peer` of the other end to the unit's description. Returns false if
    /// the unit cannot accept a connection now.
    virtual bool take_connection(std::shared_ptr<void> place, const std::string& peer) = 0;
    virtual void close_connection() = 0;
};

}  // namespace notifybridge::manager
