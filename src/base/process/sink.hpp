#pragma once

#include <optional>
#include <string_view>

#include "base/event/descriptor.hpp"
#include "base/system/output.hpp"

namespace notifybridge::process {

/// Standard output or error, written to without ever being held up (system::Output), with a loop
/// that waits for room.
class Sink {
public:
    /// `fd` stays the caller's, and has to be open for as long as this lives. Throws
    /// std::system_error where it cannot be waited for.
    Sink(event::Loop& loop, system::Fd fd);

    /// Writes as many of `bytes` as there is room for. EAGAIN where there is none.
    system::Result<std::size_t> write(std::string_view bytes) const { return output_.write(bytes); }

    /// Waits until it is worth a try again, after EAGAIN. False when `cancel` came first.
    event::Awaitable<bool> room();

    void cancel();

    /// The descriptor that it was made with.
    system::Fd fd() const { return output_.fd(); }

private:
    void watch_for(unsigned events, int operation);

    system::Output output_;
    /// An epoll(7) that waits for room: Asio sets O_NONBLOCK on all that it waits for itself.
    std::optional<event::Descriptor> watch_;
};

}  // namespace notifybridge::process
