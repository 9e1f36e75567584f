#pragma once

#include "base/notify/sender.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::notify {

/// sd_notify_barrier(3): BARRIER=1 with one end of a pipe, which the receiver closes when it has
/// processed everything that came before.
class Barrier {
public:
    /// Opens the pipe; where there is no descriptor left, `send` does.
    Barrier() noexcept { open(); }

    /// Sends it, as Sender::send does. The end that was sent is then closed here.
    Attempt send(Sender& to, std::optional<system::Credentials> as = {});

    /// Lets it pass without sending it, where there is nothing to wait for; `later` where there is
    /// no descriptor left.
    Attempt pass();

    /// Readable (POLLHUP) when the receiver has come this far.
    system::Fd passed() const { return read_end_; }
    /// Gives away the end that becomes readable.
    system::UniqueFd take_passed() { return std::move(read_end_); }

private:
    bool open() noexcept;

    system::UniqueFd read_end_;
    system::UniqueFd write_end_;
};

}  // namespace notifybridge::notify
