#pragma once

#include "base/notify/sender.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::notify {

/// A barrier of sd_notify_barrier(3): BARRIER=1 with one end of a pipe. The receiver closes this
/// end when it has processed everything that was sent before.
class Barrier {
public:
    /// Opens the pipe. If there are no descriptors left, `send` opens the pipe later.
    Barrier() noexcept { open(); }

    /// Sends the barrier (see Sender::send). If this succeeds, closes our copy of the end that was
    /// sent.
    Attempt send(Sender& to, std::optional<system::Credentials> as = {});

    /// Completes the barrier without sending it. Call this if nothing was sent, or if the receiver
    /// has already read everything. Returns `later` if there are no descriptors left.
    Attempt pass();

    /// Returns the end of the pipe that becomes readable (POLLHUP) when the receiver has released
    /// the barrier.
    system::Fd passed() const { return read_end_; }
    /// Returns the end that `passed` returns, and transfers its ownership to the caller.
    system::UniqueFd take_passed() { return std::move(read_end_); }

private:
    bool open() noexcept;

    system::UniqueFd read_end_;
    system::UniqueFd write_end_;
};

}  // namespace notifybridge::notify
