#include "bridge/proxy/own_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/system/datagram.hpp"
#include "base/system/error.hpp"
#include "base/system/stale_socket.hpp"
#include "base/util/concat.hpp"
#include "bridge/proxy/sockets.hpp"

namespace notifybridge::proxy {
namespace {

using util::concat;

/// The mode of systemd's sockets (systemd.socket(5), SocketMode=).
constexpr mode_t socket_mode = 0666;

[[noreturn]] void fail(const Specification& specification, std::string_view why) {
    throw SocketError(concat("--proxy=", specification.text, ": cannot listen at ",
                             specification.own->text, ": ", why));
}

std::string explain_internet(int error) {
    switch (error) {
        case EADDRINUSE:
            return "another process listens on this port; `ss --tcp --listening --processes` shows "
                   "which one";
        case EACCES:
            return "only root may use this port; choose a port from 1024 on, or set "
                   "AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit";
        case EADDRNOTAVAIL:
            return "this machine does not have this address; `ip address` lists its addresses, and "
                   "0.0.0.0 and [::] mean all of them";
        default:
            return system::describe(error);
    }
}

std::string explain(const system::SocketAddress& address, int error) {
    return address.family() == AF_UNIX ? system::explain_path_error(error)
                                       : explain_internet(error);
}

}  // namespace

system::UniqueFd listen_at_own_address(const Specification& specification) {
    const system::SocketAddress& address = specification.own->address;
    if (const std::string why = system::remove_stale_socket(address, SOCK_STREAM); !why.empty())
        fail(specification, why);
    auto socket = system::open_socket(address.family(), SOCK_STREAM);
    if (!socket)
        fail(specification, explain(address, socket.error().value()));
    // Connections of an earlier run may still be in TIME_WAIT.
    const int yes = 1;
    ::setsockopt(socket->get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(socket->get(), address.data(), address.size()) < 0)
        fail(specification, explain(address, errno));
    if (const std::string path = address.path();
        !path.empty() && ::chmod(path.c_str(), socket_mode) < 0)
        fail(specification, explain(address, errno));
    if (::listen(socket->get(), system::longest_backlog) < 0)
        fail(specification, explain(address, errno));
    return std::move(*socket);
}

void add_own_sockets(std::span<const Specification> specifications,
                     std::vector<system::UniqueFd>& fds, std::vector<std::string>& names) {
    for (const Specification& specification : specifications)
        if (specification.own) {
            fds.push_back(listen_at_own_address(specification));
            names.push_back(specification.name);
        }
}

}  // namespace notifybridge::proxy
