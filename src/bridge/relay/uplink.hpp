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

/// Logs how many messages were given up. Logs nothing for 0.
void log_undelivered(const util::NamedLog& log, std::uint64_t count);

/// A sender of messages to the service manager. It waits while the manager is busy, absent or
/// restarting. Without an address, it logs messages instead of sending them.
class Uplink {
public:
    Uplink(event::Loop& loop, std::optional<notify::Address> address);

    bool has_manager() const { return sender_.has_value(); }

    /// Returns whether descriptors, and assignments about them, can reach the manager.
    bool carries_fds() const { return !sender_ || sender_->carries_fds(); }

    /// A position in the sending order. A caller that has taken a turn must send, because callers
    /// with later turns wait until it has sent.
    using Turn = std::uint64_t;
    Turn take_turn() { return next_turn_++; }

    /// Sends one datagram after all earlier ones. Returns when it was sent, cannot be sent, or was
    /// given up.
    event::Awaitable<notify::Attempt> send(Turn turn, std::string_view datagram,
                                           std::span<const system::Fd> fds = {});
    event::Awaitable<notify::Attempt> send(std::string_view datagram,
                                           std::span<const system::Fd> fds = {}) {
        return send(take_turn(), datagram, fds);
    }

    using SentBarrier = boost::system::result<system::UniqueFd, notify::Attempt>;

    /// Sends a barrier. Returns a descriptor that becomes readable when the manager has processed
    /// all earlier messages. The descriptor is readable at once if no manager exists, or if the
    /// address is a vsock: a vsock's peer has already read the messages. If the barrier could not
    /// be sent, returns the failed attempt.
    event::Awaitable<SentBarrier> send_barrier();

    /// Sends all later messages on behalf of `main_process`, which the manager regards as the
    /// unit's main process. If NotifyAccess=main is set, the manager ignores all other senders.
    /// Needs CAP_SYS_ADMIN. If this capability is missing, or if the process has ended, messages
    /// have our own credentials.
    void send_as(ContainerProcess main_process);

    /// Stops all waiting. A send in progress fails, and so does each later send that cannot be done
    /// at once.
    void give_up();

    /// Gives up if nothing can be sent for `span`.
    void limit_patience(std::chrono::microseconds span);

    /// Removes the limit of `limit_patience`. Also undoes a previous `give_up`.
    void lift_patience();

private:
    notify::Attempt send_now(std::string_view datagram, std::span<const system::Fd> fds);
    /// Waits until a retry makes sense. Returns false if no retry can succeed, or if we gave up.
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
    /// The socket to wait for while the peer has no room, or still reads; nullopt otherwise.
    std::optional<event::Descriptor> awaited_;
    event::Timer retry_;
    event::Deadline patience_;
    std::chrono::microseconds patience_span_{};
    std::optional<ContainerProcess> name_;
    bool given_up_ = false;
    bool said_absent_ = false;
    std::chrono::milliseconds pause_{};  ///< The pause before the last retry; reset after success.
};

}  // namespace notifybridge::relay
