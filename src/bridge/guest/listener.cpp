#include "bridge/guest/listener.hpp"

// <linux/vm_sockets.h> needs this header, but does not always include it.
#include <sys/socket.h>

#include <linux/vm_sockets.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "base/system/datagram.hpp"
#include "base/system/error.hpp"
#include "base/system/socket_address.hpp"
#include "base/system/stale_socket.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::guest {
namespace {

using util::concat;

[[noreturn]] void fail(const ListenAddress& address, std::string_view why) {
    throw std::runtime_error(
        concat("cannot listen on ", util::escape(to_string(address)), ": ", why));
}

std::string explain_socket(int error) {
    switch (error) {
        case EAFNOSUPPORT:
            return "this kernel has no vsock, or the unit forbids it; run `modprobe vhost_vsock`, "
                   "and add AF_VSOCK to RestrictAddressFamilies= of the unit";
        case ENODEV:
        case ESOCKTNOSUPPORT:
        case EOPNOTSUPP:
            return "this kernel does not have this type of vsock; use vsock:PORT here, and "
                   "vsock-stream:2:PORT in the guest";
        default:
            return system::describe(error);
    }
}

std::string explain_vsock(int error) {
    switch (error) {
        case EADDRINUSE:
            return "another process listens on this port; choose another port for each guest, or "
                   "find the process with `ss --vsock --listening --processes`";
        case EACCES:
            return "only root may use ports below 1024; choose a higher port, or set "
                   "AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit";
        default:
            return system::describe(error);
    }
}

std::string explain_path(int error) {
    return error == EADDRINUSE
               ? "another process has just created it; choose another path for each guest"
               : system::explain_path_error(error);
}

}  // namespace

system::UniqueFd listen_on(const ListenAddress& address) {
    const bool is_vsock = address.kind == ListenAddress::Kind::vsock;
    auto socket = system::open_socket(is_vsock ? AF_VSOCK : AF_UNIX, address.socket_type);
    if (!socket)
        fail(address, explain_socket(socket.error().value()));
    const auto place = is_vsock ? system::SocketAddress::vsock(VMADDR_CID_ANY, address.port)
                                : system::SocketAddress::unix_path(address.path);
    if (!is_vsock)
        if (const std::string why = system::remove_stale_socket(place, address.socket_type);
            !why.empty())
            fail(address, why);
    if (::bind(socket->get(), place.data(), place.size()) < 0)
        fail(address, is_vsock ? explain_vsock(errno) : explain_path(errno));
    if (address.socket_type != SOCK_DGRAM && ::listen(socket->get(), system::longest_backlog) < 0)
        fail(address, is_vsock ? explain_vsock(errno) : explain_path(errno));
    return std::move(*socket);
}

std::string why_unreachable(const ListenAddress& address) {
    if (address.kind == ListenAddress::Kind::vsock && ::access("/dev/vhost-vsock", F_OK) < 0
        && errno == ENOENT)
        return "guests of this machine need /dev/vhost-vsock, which does not exist; run `modprobe "
               "vhost_vsock`";
    return {};
}

}  // namespace notifybridge::guest
