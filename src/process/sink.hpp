#pragma once

#include <optional>
#include <string_view>

#include "event/descriptor.hpp"
#include "system/error.hpp"

namespace notifybridge::process {

/// Standard output or error as one who must not be held up writes to it. What it is open on, with
/// the flag O_NONBLOCK, is shared with whoever started us and with others that write there, who
/// would be told to come again later (EAGAIN) if we set it. So it is never set on that:
/// - A socket is told with each message not to wait.
/// - A pipe or a terminal is opened a second time, by /proc/self/fd, and the flag is ours alone.
/// - Where that is refused, we write only what there is room for. A pipe that polls writable takes
///   PIPE_BUF bytes; but one who writes to it at the same moment can make us wait for its reader.
/// - Whatever else there is, files above all, has no notion of waiting.
class Sink {
public:
    /// `fd` stays the caller's, and has to be open for as long as this lives. Throws
    /// std::system_error where it cannot be waited for.
    Sink(event::Loop& loop, system::Fd fd);

    /// Writes as many of `bytes` as there is room for. EAGAIN where there is none.
    system::Result<std::size_t> write(std::string_view bytes) const;

    /// Waits until it is worth a try again, after EAGAIN. False when `cancel` came first.
    event::Awaitable<bool> room();

    void cancel();

    /// The descriptor that it was made with.
    system::Fd fd() const { return fd_; }

private:
    enum class Kind { socket, opened_anew, shared, never_waits };

    system::Fd used() const { return own_ ? system::Fd(own_) : fd_; }

    void watch_for(unsigned events, int operation);

    system::Fd fd_;
    system::UniqueFd own_;
    Kind kind_ = Kind::never_waits;
    /// An epoll(7) that waits for room: Asio sets O_NONBLOCK on all that it waits for itself.
    std::optional<event::Descriptor> watch_;
};

}  // namespace notifybridge::process
