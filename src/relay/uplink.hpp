#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "event/deadline.hpp"
#include "event/descriptor.hpp"
#include "notify/barrier.hpp"
#include "notify/sender.hpp"

namespace notifybridge::relay {

/// The way to the service manager. It waits for one that is busy, not there yet or gone for a
/// while; where there is none at all it says what it would send.
class Uplink {
public:
    /// Without an address nothing is sent.
    Uplink(event::Loop& loop, std::optional<notify::Address> address);

    bool has_manager() const { return sender_.has_value(); }

    /// Sends one datagram, after all that were sent before. False where it was given up.
    event::Awaitable<bool> send(std::string_view datagram, std::span<const system::Fd> fds = {});

    /// Sends a barrier and returns what becomes readable when the manager has processed everything
    /// sent before; nothing where it was given up. Without a manager, one that is readable at once.
    event::Awaitable<std::optional<system::UniqueFd>> send_barrier();

    /// From now on sends in the name of this process, which is the unit's main process now: with
    /// NotifyAccess=main nobody else is listened to. Takes CAP_SYS_ADMIN; without that, and once it
    /// is gone, in our own.
    void speak_as(pid_t pid);

    /// Nothing more is waited for: a send that waits, and all that cannot be done at once, fail.
    void give_up();

    /// Gives up when nothing could be sent for this long: nobody but the messages that are left
    /// waits for the end.
    void limit_patience(std::chrono::microseconds span);

private:
    system::Result<std::size_t> send_now(std::string_view datagram,
                                         std::span<const system::Fd> fds);
    /// Waits until it is worth another try after `error`. False where there is none.
    event::Awaitable<bool> wait_for_another_try(boost::system::error_code error);
    bool watch_for_room();

    event::Loop& loop_;
    std::optional<notify::Sender> sender_;
    std::optional<event::Descriptor> writable_;
    event::Timer retry_;
    event::Deadline patience_;
    std::chrono::microseconds patience_span_{};
    std::optional<system::Credentials> name_;
    bool given_up_ = false;
    bool said_absent_ = false;
};

}  // namespace notifybridge::relay
