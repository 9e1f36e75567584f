#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/message.hpp"
#include "base/system/datagram.hpp"

namespace notifybridge::notify {

/// A datagram that passed the checks of Receiver. `text` is valid until the next call of `receive`.
struct Datagram {
    std::string_view text;
    system::Credentials sender;
    std::vector<system::UniqueFd> fds;
};

/// The receiving socket of sd_notify(3), to which programs send.
class Receiver {
public:
    /// Creates the socket at `path` (at most 107 bytes) with permissions `mode`. Replaces an old
    /// socket at `path`. Throws std::system_error on failure.
    Receiver(std::string_view path, mode_t mode);

    /// Creates the socket with an abstract name that the kernel chooses (unix(7), Autobind
    /// feature). The name disappears with the socket. Every process in the network namespace can
    /// send to it. Throws std::system_error on failure.
    Receiver();

    /// Returns the name that the kernel chose, in the form of $NOTIFY_SOCKET: "@0c1d2".
    std::string abstract_address() const;

    system::Fd fd() const { return socket_; }

    enum class Outcome { datagram, dropped, nothing };

    /// Receives the next datagram without waiting. If the outcome is `datagram`, fills in
    /// `received`. If it is `dropped`, fills in `reason`, the descriptors, and the sender if the
    /// sender is known. Throws std::system_error if the socket fails.
    Outcome receive(Datagram& received, DropReason& reason);

private:
    /// The buffer is one byte longer than allowed, to detect datagrams that are too long.
    static constexpr std::size_t buffer_size = longest_datagram + 1;

    system::UniqueFd socket_;
    std::unique_ptr<std::byte[]> buffer_ = std::make_unique_for_overwrite<std::byte[]>(buffer_size);
};

}  // namespace notifybridge::notify
