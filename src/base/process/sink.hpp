#pragma once

#include <optional>
#include <string_view>

#include "base/event/descriptor.hpp"
#include "base/system/output.hpp"

namespace notifybridge::process {

/// A writer to standard output or error that does not block (system::Output). If nothing fits, a
/// coroutine can wait with `room`.
class Sink {
public:
    /// The caller keeps `fd` open while this object lives. Throws std::system_error if `fd` cannot
    /// be watched.
    Sink(event::Loop& loop, system::Fd fd);

    /// Writes as many of `bytes` as fit. Returns EAGAIN if nothing fits.
    system::Result<std::size_t> write(std::string_view bytes) const { return output_.write(bytes); }

    /// Waits after EAGAIN until a retry makes sense. Returns false if `cancel` was called first.
    event::Awaitable<bool> room();

    void cancel();

    /// Returns the descriptor passed to the constructor.
    system::Fd fd() const { return output_.fd(); }

private:
    void watch_for(unsigned events, int operation);

    system::Output output_;
    /// A separate epoll(7) instance: Asio would set O_NONBLOCK on the descriptor itself.
    std::optional<event::Descriptor> watch_;
};

}  // namespace notifybridge::process
