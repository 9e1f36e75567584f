#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "base/system/socket_address.hpp"

namespace notifybridge::system {

/// The sender of a datagram as the kernel reports it, with numbers of the receiver's namespaces
/// (unix(7)). The pid is 0 if the sender is outside the receiver's pid namespace.
struct Credentials {
    pid_t pid = 0;
    uid_t uid = 0;
    gid_t gid = 0;

    bool operator==(const Credentials&) const = default;
};

/// The result of recvmsg(2). The datagram is the first `size` bytes of the caller's buffer.
struct ReceivedDatagram {
    std::size_t size = 0;
    bool truncated = false;          ///< MSG_TRUNC: the datagram was larger than the buffer.
    bool control_truncated = false;  ///< MSG_CTRUNC: file descriptors were lost.
    std::optional<Credentials> sender;
    std::vector<UniqueFd> fds;
};

/// Opens a socket of this family and type (SOCK_DGRAM, …), close-on-exec and non-blocking.
Result<UniqueFd> open_socket(int family, int type);

/// Opens a socket like `open_socket`, but throws std::system_error on failure.
UniqueFd make_socket(int family, int type);

/// Asks the kernel to report the sender of every datagram that `socket` receives.
void pass_credentials(Fd socket);

/// Receives one datagram without waiting. Returns EAGAIN if there is none.
Result<ReceivedDatagram> receive_datagram(Fd socket, std::span<std::byte> buffer);

/// Closes received descriptors after turning SO_LINGER off. A sender could set this option on a
/// socket, so that our close(2) would block.
void close_at_once(std::vector<UniqueFd> fds) noexcept;

/// Sends one datagram over a connected socket. Returns EAGAIN while the peer's queue is full. If
/// `sender` is another process, the caller needs CAP_SYS_ADMIN.
Result<std::size_t> send_datagram(Fd socket, Bytes payload, std::span<const Fd> fds = {},
                                  std::optional<Credentials> sender = {});

}  // namespace notifybridge::system
