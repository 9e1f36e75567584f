#include "base/system/datagram.hpp"

#include <cerrno>
#include <cstring>
#include <new>

namespace notifybridge::system {
namespace {

// The kernel allows this many descriptors in a datagram (SCM_MAX_FD).
constexpr std::size_t most_fds = 253;

/// Adds the received descriptors to `fds`. If there is no memory, closes them and throws
/// std::bad_alloc.
void adopt_fds(const cmsghdr& header, std::vector<UniqueFd>& fds) {
    const std::size_t count = (header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const unsigned char* data = CMSG_DATA(&header);
    const auto take = [data](std::size_t at) {
        int fd;
        std::memcpy(&fd, data + at * sizeof fd, sizeof fd);
        return UniqueFd(fd);
    };
    try {
        fds.reserve(fds.size() + count);
    } catch (const std::bad_alloc&) {
        for (std::size_t at = 0; at < count; ++at)
            take(at);
        throw;
    }
    for (std::size_t at = 0; at < count; ++at)
        fds.push_back(take(at));
}

Credentials read_credentials(const cmsghdr& header) {
    ucred sender;
    std::memcpy(&sender, CMSG_DATA(&header), sizeof sender);
    return {sender.pid, sender.uid, sender.gid};
}

/// Appends one control message to `message`, whose control buffer must have room for it.
void append_control(msghdr& message, int type, Bytes data) {
    auto* const header = reinterpret_cast<cmsghdr*>(static_cast<std::byte*>(message.msg_control)
                                                    + message.msg_controllen);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(data.size());
    std::memcpy(CMSG_DATA(header), data.data(), data.size());
    message.msg_controllen += CMSG_SPACE(data.size());
}

}  // namespace

Result<UniqueFd> open_socket(int family, int type) {
    UniqueFd socket(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return last_error();
    return socket;
}

UniqueFd make_socket(int family, int type) {
    auto socket = open_socket(family, type);
    if (!socket)
        throw_error(socket.error().value(), "socket");
    return std::move(*socket);
}

void pass_credentials(Fd socket) {
    const int on = 1;
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        throw_errno("setsockopt SO_PASSCRED");
}

Result<ReceivedDatagram> receive_datagram(Fd socket, std::span<std::byte> buffer) {
    alignas(cmsghdr)
        std::array<std::byte, CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(most_fds * sizeof(int))>
            control;
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t size;
    do
        size = ::recvmsg(socket.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return last_error();

    ReceivedDatagram received;
    // Take ownership of the descriptors first, so that none can leak.
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header))
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
            adopt_fds(*header, received.fds);
        else if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS)
            received.sender = read_credentials(*header);
    received.size = static_cast<std::size_t>(size);
    received.truncated = message.msg_flags & MSG_TRUNC;
    received.control_truncated = message.msg_flags & MSG_CTRUNC;
    return received;
}

void close_at_once(std::vector<UniqueFd> fds) noexcept {
    const linger off{};
    for (const UniqueFd& fd : fds)
        ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &off, sizeof off);
}

Result<std::size_t> send_datagram(Fd socket, Bytes payload, std::span<const Fd> fds,
                                  std::optional<Credentials> sender) {
    if (fds.size() > most_fds)
        return error_of(E2BIG);
    alignas(cmsghdr)
        std::array<std::byte, CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(most_fds * sizeof(int))>
            control{};
    iovec part{const_cast<std::byte*>(payload.data()), payload.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    if (!fds.empty()) {
        std::array<int, most_fds> numbers{};
        for (std::size_t at = 0; at < fds.size(); ++at)
            numbers[at] = fds[at].get();
        append_control(message, SCM_RIGHTS, std::as_bytes(std::span(numbers).first(fds.size())));
    }
    if (sender) {
        const ucred credentials{sender->pid, sender->uid, sender->gid};
        append_control(message, SCM_CREDENTIALS, std::as_bytes(std::span(&credentials, 1)));
    }
    if (message.msg_controllen == 0)
        message.msg_control = nullptr;

    ssize_t size;
    do
        size = ::sendmsg(socket.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return last_error();
    return static_cast<std::size_t>(size);
}

}  // namespace notifybridge::system
