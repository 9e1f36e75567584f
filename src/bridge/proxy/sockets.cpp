#include "bridge/proxy/sockets.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/probe/listened_address.hpp"

namespace notifybridge::proxy {
namespace {

using util::concat;

std::optional<int> socket_option(system::Fd fd, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(fd.get(), SOL_SOCKET, name, &value, &size) < 0)
        return std::nullopt;
    return value;
}

[[noreturn]] void refuse_socket(const Specification& specification, std::string_view reason) {
    throw SocketError(concat("--proxy=", specification.text, ": ", reason));
}

std::string list_of_names(std::span<const PassedSocket> sockets) {
    std::string list;
    for (const PassedSocket& socket : sockets)
        list += concat(list.empty() ? "" : ", ", util::quote(socket.name));
    return list;
}

[[noreturn]] void refuse_several(const Specification& specification,
                                 std::span<const PassedSocket> sockets) {
    const std::string& first = sockets.front().name;
    const bool have_one_name = std::ranges::all_of(
        sockets, [&](const PassedSocket& socket) { return socket.name == first; });
    const std::string text =
        concat("systemd has passed ", sockets.size(), " sockets (", list_of_names(sockets), "); ");
    if (have_one_name)
        refuse_socket(
            specification,
            concat(text, "if all sockets are for this target, give --proxy=", first, '=',
                   specification.target.text,
                   "; otherwise write a .socket unit for each, with FileDescriptorName="));
    refuse_socket(specification, concat(text, "choose a socket by its name, as in --proxy=NAME=",
                                        specification.target.text));
}

std::vector<std::size_t> sockets_of(const Specification& specification,
                                    std::span<const PassedSocket> sockets) {
    if (sockets.empty())
        refuse_socket(
            specification,
            concat(
                "systemd has passed no socket (LISTEN_FDS); create a .socket unit with the name of "
                "the service and with ListenStream=, and start the .socket unit, or listen at an "
                "address without a .socket unit, as in --proxy=127.0.0.1:8080=",
                specification.target.text));
    if (specification.name.empty() && sockets.size() > 1)
        refuse_several(specification, sockets);
    std::vector<std::size_t> chosen;
    for (std::size_t index = 0; index < sockets.size(); ++index)
        if (specification.name.empty() || sockets[index].name == specification.name)
            chosen.push_back(index);
    if (chosen.empty())
        refuse_socket(
            specification,
            concat("systemd has passed no socket of this name, only ", list_of_names(sockets),
                   "; set FileDescriptorName= in the .socket unit, or give one of these names"));
    return chosen;
}

/// Returns whether the socket may come from a .socket unit with Accept=yes. systemd gives these
/// sockets the name "connection". Without LISTEN_FDNAMES, a socket has the name "unknown".
bool may_be_accepted(const PassedSocket& socket) {
    return socket.kind == SocketKind::connection
           && (socket.name == "connection" || socket.name == "unknown");
}

/// Refuses a socket that was changed after systemd had opened it. systemd keeps passing this socket
/// until the .socket unit is restarted.
[[noreturn]] void refuse_changed(const Specification& specification, const PassedSocket& socket) {
    const std::string unit = socket.name.ends_with(".socket") ? socket.name : "NAME.socket";
    refuse_socket(specification,
                  concat("the socket ", util::quote(socket.name),
                         " no longer listens, because a process that had it has changed it; open "
                         "it again with `systemctl restart ",
                         unit, '`'));
}

void check_kind(const Specification& specification, const PassedSocket& socket) {
    switch (socket.kind) {
        case SocketKind::listening_stream:
            return;
        case SocketKind::connection:
        case SocketKind::unused_stream:
            if (!may_be_accepted(socket))
                refuse_changed(specification, socket);
            refuse_socket(specification,
                          concat("the socket ", util::quote(socket.name),
                                 " is a connection and does not listen; set Accept=no in the "
                                 ".socket unit"));
        case SocketKind::datagram:
            refuse_socket(
                specification,
                concat("the socket ", util::quote(socket.name),
                       " is a datagram socket (UDP), but only streams are supported; set "
                       "ListenStream= in the .socket unit, or let the app use the socket itself"));
        case SocketKind::other:
            refuse_socket(specification,
                          concat("the descriptor ", util::quote(socket.name),
                                 " is not a stream socket; set ListenStream= in the .socket unit"));
    }
}

}  // namespace

SocketKind kind_of(system::Fd fd) {
    const auto type = socket_option(fd, SO_TYPE);
    if (type == SOCK_DGRAM)
        return SocketKind::datagram;
    if (type != SOCK_STREAM)
        return SocketKind::other;
    if (socket_option(fd, SO_ACCEPTCONN).value_or(0) != 0)
        return SocketKind::listening_stream;
    sockaddr_storage peer;
    socklen_t size = sizeof peer;
    return ::getpeername(fd.get(), reinterpret_cast<sockaddr*>(&peer), &size) == 0
               ? SocketKind::connection
               : SocketKind::unused_stream;
}

std::vector<PassedSocket> describe_sockets(std::span<const system::Fd> fds,
                                           std::span<const std::string> names) {
    std::vector<PassedSocket> sockets;
    for (std::size_t index = 0; index < fds.size(); ++index)
        sockets.push_back({names[index], kind_of(fds[index])});
    return sockets;
}

std::vector<std::vector<std::size_t>> choose_sockets(std::span<const Specification> specifications,
                                                     std::span<const PassedSocket> sockets) {
    std::vector<std::vector<std::size_t>> chosen;
    for (const Specification& specification : specifications) {
        chosen.push_back(sockets_of(specification, sockets));
        for (const std::size_t index : chosen.back())
            check_kind(specification, sockets[index]);
    }
    return chosen;
}

void check_no_circle(const Specification& specification, system::Fd socket) {
    for (const system::SocketAddress& address : specification.addresses())
        if (probe::takes_connections_to(socket, address))
            refuse_socket(
                specification,
                "the socket itself listens on this address, so connections would return to it; let "
                "the app listen on another address, or change that of the socket (ListenStream=)");
}

}  // namespace notifybridge::proxy
