#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/notify/barrier.hpp"
#include "base/notify/sender.hpp"
#include "base/util/log.hpp"
#include "bridge/relay/container.hpp"

namespace notifybridge::relay {

/// Logs how many messages were given up, if any.
void say_undelivered(const util::NamedLog& log, std::uint64_t count);

/// Sends to the service manager, and waits for one that is busy, not there yet or gone for a while.
/// Without an address it logs what it would send.
class Uplink {
public:
    Uplink(event::Loop& loop, std::optional<notify::Address> address);

    bool has_manager() const { return sender_.has_value(); }

    /// Whether descriptors can go to the manager, and so what is said of them.
    bool carries_fds() const { return !sender_ || sender_->carries_fds(); }

    /// A place in the order in which is sent. Whoever has taken one sends: the next ones wait for
    /// that.
    using Turn = std::uint64_t;
    Turn take_turn() { return next_turn_++; }

    /// Sends one datagram, after all that were sent before. It is sent, or impossible to send, or
    /// was given up.
    event::Awaitable<notify::Attempt> send(Turn turn, std::string_view datagram,
                                           std::span<const system::Fd> fds = {});
    event::Awaitable<notify::Attempt> send(std::string_view datagram,
                                           std::span<const system::Fd> fds = {}) {
        return send(take_turn(), datagram, fds);
    }

    using SentBarrier = boost::system::result<system::UniqueFd, notify::Attempt>;

    /// Sends a barrier and returns what becomes readable when the manager has processed everything
    /// sent before, or how that failed, as for `send`. Over a vsock, which takes no barrier, all
    /// that was sent has been read, and without a manager there is nobody to wait for: then it is
    /// readable at once.
    event::Awaitable<SentBarrier> send_barrier();

    /// From now on sends in the name of this process, which the manager was told is the unit's main
    /// process: with NotifyAccess=main nobody else is listened to. Takes CAP_SYS_ADMIN; without
    /// that, and once it has ended, in our own.
    void speak_as(ContainerProcess main_process);

    /// Waits for nothing any more: a send under way fails, and each that cannot be done at once.
    void give_up();

    /// Gives up once nothing could be sent for this long.
    void limit_patience(std::chrono::microseconds span);

    /// Waits again, for as long as it takes.
    void lift_patience();

private:
    notify::Attempt send_now(std::string_view datagram, std::span<const system::Fd> fds);
    /// Waits until it is worth another try. False where there is none.
    event::Awaitable<bool> wait_for_another_try(notify::Attempt last);
    event::Awaitable<> await_peer();
    event::Awaitable<> await_turn(Turn turn);
    void pass_turn();
    void sent();

    event::Loop& loop_;
    std::optional<notify::Sender> sender_;
    Turn next_turn_ = 0;
    Turn current_turn_ = 0;
    struct Place {
        Turn turn;
        event::Timer* timer;
    };
    std::vector<Place> waiting_;
    std::optional<event::Descriptor> awaited_;  ///< The peer's room, or its answer.
    event::Timer retry_;
    event::Deadline patience_;
    std::chrono::microseconds patience_span_{};
    std::optional<ContainerProcess> name_;
    bool given_up_ = false;
    bool said_absent_ = false;
    std::chrono::milliseconds pause_{};  ///< Before the last try, since it was reached last.
};

}  // namespace notifybridge::relay
