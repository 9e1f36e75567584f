#pragma once

#include <cstddef>
#include <string_view>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {

/// Standard output or error as one who must not be held up writes to it. What it is open on, with
/// the flag O_NONBLOCK, is shared with whoever started us and with others that write there, who
/// would be told to come again later (EAGAIN) if we set it. So it is never set on that:
/// - A socket is told with each message not to wait.
/// - A pipe or a terminal is opened a second time, by /proc/self/fd, and the flag is ours alone.
/// - Where that is refused, a pipe is told not to wait (RWF_NOWAIT, Linux 6.4). Before that, and of
///   a terminal, we write only what there is room for. A pipe that polls writable takes PIPE_BUF
///   bytes; but one who writes to it at the same moment can make us wait for its reader.
/// - Whatever else there is, files above all, has no notion of waiting.
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
