#include "base/notify/receiver.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>

#include "base/util/concat.hpp"

namespace notifybridge::notify {

Receiver::Receiver(std::string_view path, mode_t mode)
    : socket_(system::make_socket(AF_UNIX, SOCK_DGRAM)) {
    const std::string name(path);
    const auto address = system::SocketAddress::unix_path(name);
    system::pass_credentials(socket_);
    if (::unlink(name.c_str()) < 0 && errno != ENOENT)
        system::throw_errno("unlink", name);
    if (::bind(socket_.get(), address.data(), address.size()) < 0)
        system::throw_errno("bind", name);
    if (::chmod(name.c_str(), mode) < 0)
        system::throw_errno("chmod", name);
}

Receiver::Receiver() : socket_(system::make_socket(AF_UNIX, SOCK_DGRAM)) {
    const sockaddr nameless{AF_UNIX, {}};
    system::pass_credentials(socket_);
    if (::bind(socket_.get(), &nameless, sizeof(sa_family_t)) < 0)
        system::throw_errno("bind");
}

std::string Receiver::abstract_address() const {
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) < 0)
        system::throw_errno("getsockname");
    // An abstract name starts with a NUL byte and has none at its end.
    const std::size_t name_size = size - offsetof(sockaddr_un, sun_path) - 1;
    return util::concat('@', std::string_view(address.sun_path + 1, name_size));
}

Receiver::Outcome Receiver::receive(Datagram& received, DropReason& reason) {
    const std::span buffer(buffer_.get(), buffer_size);
    auto datagram = system::receive_datagram(socket_, buffer);
    if (!datagram) {
        if (datagram.error().value() == EAGAIN)
            return Outcome::nothing;
        system::throw_error(datagram.error().value(), "recvmsg");
    }
    received.sender = datagram->sender.value_or(system::Credentials{});
    received.fds = std::move(datagram->fds);
    const auto drop = [&](DropReason why) {
        reason = why;
        return Outcome::dropped;
    };
    if (datagram->truncated || datagram->size > longest_datagram)
        return drop(DropReason::too_long);
    if (datagram->control_truncated)
        return drop(DropReason::lost_fds);
    if (!datagram->sender)
        return drop(DropReason::no_credentials);
    received.text = system::as_text(buffer.first(datagram->size));
    return Outcome::datagram;
}

}  // namespace notifybridge::notify
