#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "base/system/datagram.hpp"
#include "base/system/fd.hpp"
#include "init/files/unit/settings.hpp"

/// Opens the sockets, FIFOs and files of socket units (systemd.socket(5)).
namespace notifybridge::listen {

/// The descriptors that we inherited (sd_listen_fds(3)). A unit that listens on the address of an
/// inherited descriptor uses this descriptor.
class InheritedFds {
public:
    InheritedFds() = default;
    explicit InheritedFds(std::vector<system::UniqueFd> fds) : fds_(std::move(fds)) {}

    /// Removes and returns the descriptor for this address. Returns an empty descriptor if we
    /// inherited no such descriptor.
    system::UniqueFd take(const unit::Listen& listen, unit::SocketProtocol protocol);

    std::size_t count() const { return fds_.size(); }

private:
    std::vector<system::UniqueFd> fds_;
};

/// The open descriptor of one Listen directive.
struct Listener {
    system::UniqueFd fd;
    std::string path;      ///< The path in the file system, if any.
    bool accepts = false;  ///< Whether the descriptor accepts connections.
};

/// Opens all listeners of a socket unit in their order. Sets options and owners, and creates
/// directories and links. On failure, throws std::system_error and leaves no listener open.
///
/// Adds a warning for each setting that could not be applied but is not essential.
std::vector<Listener> open_listeners(const unit::SocketSettings& settings, InheritedFds& inherited,
                                     std::vector<std::string>& warnings);

/// Removes the files and symbolic links of the listeners, if RemoveOnStop= is set.
void remove_files(const unit::SocketSettings& settings, const std::vector<Listener>& listeners);

/// Takes the pending connections and messages out of the queue (FlushPending=). Returns the
/// connections, and the descriptors in the messages, because their close may block.
std::vector<system::UniqueFd> flush(const Listener& listener);

/// Returns the name of the unit's descriptors in LISTEN_FDNAMES. This is the value of
/// FileDescriptorName=, or the name of the unit if FileDescriptorName= is not set.
std::string fd_name(const unit::SocketSettings& settings, const std::string& unit);

/// An accepted connection and the addresses of both ends.
struct AcceptedConnection {
    system::UniqueFd fd;
    sockaddr_storage local{};
    sockaddr_storage remote{};
    /// The credentials of the peer. Set if the connection is a Unix socket and the peer is visible
    /// to us.
    std::optional<system::Credentials> peer;
};

/// Accepts a connection. Returns nullopt if no connection waits, or if the connection was lost.
/// Throws std::system_error on failure.
std::optional<AcceptedConnection> accept(const Listener& listener,
                                         const unit::SocketSettings& settings);

/// Returns REMOTE_ADDR= and REMOTE_PORT= for the service of `connection`. Returns no variables for
/// a Unix socket (systemd.exec(5)).
unit::Environment remote_variables(system::Fd connection);

}  // namespace notifybridge::listen
