#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/event/timer.hpp"
#include "base/util/log_limit.hpp"
#include "bridge/channel/record.hpp"
#include "bridge/relay/digest.hpp"
#include "bridge/relay/merge.hpp"
#include "bridge/relay/rate_limit.hpp"
#include "bridge/wait/attachment.hpp"
#include "bridge/wait/forwarder.hpp"

namespace notifybridge::wait {

/// Delivers the records of a run to the service manager, in order, each once, and acknowledges
/// them. A container that floods it is held back: messages wait, and those merge that say the same
/// again.
class Delivery {
public:
    /// `rate`: so many messages a second, after a burst; 0 is no limit.
    Delivery(event::Loop& loop, Forwarder& forwarder, Attachment& attachment, relay::Uplink& uplink,
             std::uint64_t rate);

    /// Whether the run has ended and no other is to come: what is left of it is bounded, and not
    /// delayed. Asked before a delay.
    std::function<bool()> is_last_of_all;

    /// Begins with a run that was delivered up to this sequence.
    void begin(std::uint64_t delivered);

    /// Sends the run's folded state in place of its records up to there, and goes on after them.
    event::Awaitable<> carry(const relay::Digest& digest);

    /// Takes the next record over. Records that were delivered before are passed over.
    event::Awaitable<> carry(const channel::Record& record);

    /// Returns once all that was carried has been sent and acknowledged: no more is to be read now.
    event::Awaitable<> drain();

    /// Sends a barrier of our own; when it comes back, all up to `sequence` counts as processed.
    event::Awaitable<bool> carry_barrier(std::uint64_t sequence);

    /// How many could not be delivered, as the manager was given up.
    std::uint64_t undelivered() const { return undelivered_; }

private:
    /// A message that is held back, as a newer one may still replace it.
    struct Held {
        relay::Mergeable mergeable = relay::Mergeable::no;
        channel::Record record;  ///< But for its payload, which is `text`.
        std::string text;
    };

    std::chrono::microseconds delay();
    /// Counts what is sent, or passed over, and returns how long it has to wait, if at all.
    std::optional<std::chrono::microseconds> take_turn(std::uint64_t messages);
    bool hold(const channel::Record& record);
    event::Awaitable<> send_held();
    event::Awaitable<bool> send(const channel::Record& record);
    void count(bool is_delivered);
    void acknowledge(std::uint64_t sequence);
    std::shared_ptr<event::Descriptor> watch(system::UniqueFd passed);
    event::Awaitable<> await_barrier(std::uint64_t run, std::uint64_t sequence,
                                     std::shared_ptr<event::Descriptor> passed);
    void note_gap(std::uint64_t sequence);
    void note_flood();

    event::Loop& loop_;
    Forwarder& forwarder_;
    Attachment& attachment_;
    relay::Uplink& uplink_;
    relay::RateLimit limit_;
    std::uint64_t rate_;
    event::Timer pause_;
    util::LogLimit said_;
    std::deque<Held> held_;
    std::uint64_t run_ = 0;      ///< Counts runs: a barrier of one says nothing of the next.
    std::uint64_t carried_ = 0;  ///< The sequence of the last record that was taken over.
    std::uint64_t undelivered_ = 0;
    unsigned taken_in_turn_ = 0;
    bool hurries_ = false;  ///< To the end of the run.
};

}  // namespace notifybridge::wait
