#pragma once

#include <cstddef>
#include <string_view>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {

/// Standard output or error, written to without blocking. O_NONBLOCK belongs to the open file
/// description, which is shared with the parent and with other writers, whose writes would fail
/// with EAGAIN. So it is never set there:
/// - A socket is written to with MSG_DONTWAIT.
/// - A pipe or a terminal is opened a second time, by /proc/self/fd, with O_NONBLOCK.
/// - Where that is refused, a pipe is written to with RWF_NOWAIT (Linux 6.4). Before that, and to a
///   terminal, PIPE_BUF bytes are written once poll(2) tells of room. Another writer that takes the
///   room at the same moment can still make this one block.
/// - Anything else, such as a file, does not block.
class Output {
public:
    /// `fd` stays the caller's, and has to be open for as long as this lives.
    explicit Output(Fd fd);

    /// Writes as many of `bytes` as there is room for, by one call. EAGAIN where there is none.
    Result<std::size_t> write(std::string_view bytes) const;

    /// Whether there may be no room for a while.
    bool may_be_full() const { return kind_ != Kind::never_waits; }

    /// The descriptor that it was made with.
    Fd fd() const { return fd_; }

    /// The one that is written to, and that can be waited for.
    Fd used() const { return own_ ? Fd(own_) : fd_; }

private:
    enum class Kind { socket, opened_anew, shared, never_waits };

    Fd fd_;
    UniqueFd own_;
    Kind kind_ = Kind::never_waits;
};

}  // namespace notifybridge::system
