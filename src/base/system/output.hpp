#pragma once

#include <cstddef>
#include <string_view>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {

/// A writer to standard output or error that does not block. It never sets O_NONBLOCK: the flag
/// belongs to the open file description, which other processes share. Writes of these processes
/// would fail with EAGAIN. Instead:
/// - Sockets are written with MSG_DONTWAIT.
/// - Pipes and terminals are opened again through /proc/self/fd, with O_NONBLOCK.
/// - If opening is refused, pipes are written with RWF_NOWAIT (Linux 6.4). Before Linux 6.4, and
///   for terminals, we write PIPE_BUF bytes when poll(2) reports room. If another writer takes the
///   room at that moment, our write can still block.
/// - Anything else, such as a file, does not block.
class Output {
public:
    /// The caller keeps `fd` open while this object lives.
    explicit Output(Fd fd);

    /// Writes as many of `bytes` as fit, with one call. Returns EAGAIN if nothing fits.
    Result<std::size_t> write(std::string_view bytes) const;

    /// Returns whether a write may find no room.
    bool may_be_full() const { return kind_ != Kind::never_waits; }

    /// Returns the descriptor passed to the constructor.
    Fd fd() const { return fd_; }

    /// Returns the descriptor that we write to. Callers can wait until it is writable.
    Fd used() const { return own_ ? Fd(own_) : fd_; }

private:
    enum class Kind { socket, opened_anew, shared, never_waits };

    Fd fd_;
    UniqueFd own_;
    Kind kind_ = Kind::never_waits;
};

}  // namespace notifybridge::system
