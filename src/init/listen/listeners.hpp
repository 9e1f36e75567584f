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

/// The descriptors that we inherited (sd_listen_fds(3)), for units that listen on the same
/// addresses.
class InheritedFds {
public:
    InheritedFds() = default;
    explicit InheritedFds(std::vector<system::UniqueFd> fds) : fds_(std::move(fds)) {}

    /// Takes the descriptor for this address. Returns an empty one if we did not inherit it.
    system::UniqueFd take(const unit::Listen& listen, unit::SocketProtocol protocol);

    std::size_t count() const { return fds_.size(); }

private:
    std::vector<system::UniqueFd> fds_;
};

/// The open descriptor of one Listen directive.
struct Listener {
    system::UniqueFd fd;
    std::string path;      ///< The path in the file system; empty if it has none.
    bool accepts = false;  ///< It accepts connections.
};

/// Opens all listeners of a socket unit in its order, sets their options and owners, and creates
/// directories and links. Throws std::system_error if this fails, and leaves none open. Appends to
/// `warnings` each setting that could not be applied but is not an error.
std::vector<Listener> open_listeners(const unit::SocketSettings& settings, InheritedFds& inherited,
                                     std::vector<std::string>& warnings);

/// Closes the listeners. With RemoveOnStop= also removes their files and links.
void close_listeners(const unit::SocketSettings& settings, std::vector<Listener>& listeners);

/// Drops the pending connections and messages (FlushPending=).
void flush(const Listener& listener);

/// Returns the name for LISTEN_FDNAMES: FileDescriptorName=, or the unit's name.
std::string fd_name(const unit::SocketSettings& settings, const std::string& unit);

/// An accepted connection and the addresses of both ends.
struct AcceptedConnection {
    system::UniqueFd fd;
    sockaddr_storage local{};
    sockaddr_storage remote{};
    std::optional<system::Credentials> peer;  ///< Only of a Unix socket, if we can see it.
};

/// Accepts a connection. Returns nullopt if there is none or if it was lost. Throws
/// std::system_error.
std::optional<AcceptedConnection> accept(const Listener& listener,
                                         const unit::SocketSettings& settings);

/// Returns REMOTE_ADDR= and REMOTE_PORT= for the service of `connection`, or nothing for a Unix
/// socket (systemd.exec(5)).
unit::Environment remote_variables(system::Fd connection);

}  // namespace notifybridge::listen
