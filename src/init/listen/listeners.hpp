#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "base/system/datagram.hpp"
#include "base/system/fd.hpp"
#include "init/unit/settings.hpp"

/// The sockets, FIFOs and files of socket units (systemd.socket(5)).
namespace notifybridge::listen {

/// The descriptors that we were started with (sd_listen_fds(3)), for units that listen on the same.
class InheritedFds {
public:
    InheritedFds() = default;
    explicit InheritedFds(std::vector<system::UniqueFd> fds) : fds_(std::move(fds)) {}

    /// Takes the descriptor for this address; none where we were not given one.
    system::UniqueFd take(const unit::Listen& listen, unit::SocketProtocol protocol);

    std::size_t count() const { return fds_.size(); }

private:
    std::vector<system::UniqueFd> fds_;
};

/// One of a socket unit's Listen*=.
struct Listener {
    system::UniqueFd fd;
    std::string path;      ///< In the file system; empty where it is not.
    bool accepts = false;  ///< It has connections.
};

/// Opens all of a socket unit, in its order, with their options, owners, directories and links.
/// Throws std::system_error, and leaves none open then. `warnings` gets what could not be set and
/// is no failure.
std::vector<Listener> open_listeners(const unit::SocketSettings& settings, InheritedFds& inherited,
                                     std::vector<std::string>& warnings);

/// Closes them, and with RemoveOnStop= removes their files and links.
void close_listeners(const unit::SocketSettings& settings, std::vector<Listener>& listeners);

/// Drops the connections and messages that wait (FlushPending=).
void flush(const Listener& listener);

/// What LISTEN_FDNAMES calls each: FileDescriptorName=, or the unit's name.
std::string fd_name(const unit::SocketSettings& settings, const std::string& unit);

/// A connection, and its two ends.
struct AcceptedConnection {
    system::UniqueFd fd;
    sockaddr_storage local{};
    sockaddr_storage remote{};
    std::optional<system::Credentials> peer;  ///< Of a Unix socket; nothing where we cannot see it.
};

/// Takes a connection; nothing where there is none, or none any more. Throws std::system_error.
std::optional<AcceptedConnection> accept(const Listener& listener,
                                         const unit::SocketSettings& settings);

/// REMOTE_ADDR= and REMOTE_PORT= for a service that has the connection; none for a Unix socket
/// (systemd.exec(5)).
unit::Environment remote_variables(system::Fd connection);

}  // namespace notifybridge::listen
