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

/// Delivers each record of a run to the service manager once, in order, and acknowledges the
/// record. In a flood, slows down the container: delays messages, and merges repeated messages.
class Delivery {
public:
    /// `rate` is the number of messages per second after a burst; 0 means no limit.
    Delivery(event::Loop& loop, Forwarder& forwarder, Attachment& attachment, relay::Uplink& uplink,
             std::uint64_t rate);

    /// Returns whether the run has ended and no other run will come. In this case, the number of
    /// remaining records is limited, so this object does not delay them. Called before each delay.
    std::function<bool()> is_last_of_all;

    /// Begins with a run whose records up to `delivered` were already delivered.
    void begin(std::uint64_t delivered);

    /// Sends the run's folded state in place of the records that the state includes. Later records
    /// follow.
    event::Awaitable<> carry(const relay::Digest& digest);

    /// Handles the next record. Skips records that were delivered before.
    event::Awaitable<> carry(const channel::Record& record);

    /// Waits until every handled record is sent and acknowledged. Call this when there is nothing
    /// to read for now.
    event::Awaitable<> drain();

    /// Sends a barrier from `wait` itself. When the barrier is released, all records up to
    /// `sequence` count as processed.
    event::Awaitable<bool> carry_barrier(std::uint64_t sequence);

    /// Returns how many messages were not delivered, because we gave up sending.
    std::uint64_t undelivered() const { return undelivered_; }

private:
    /// A message that is delayed because a newer message may replace it.
    struct Held {
        relay::Mergeable mergeable = relay::Mergeable::no;
        channel::Record record;  ///< The record, whose payload is in `text`.
        std::string text;
    };

    std::chrono::microseconds delay();
    /// Counts messages that are sent or skipped. Returns how long they must wait. Returns nullopt
    /// if they need not wait.
    std::optional<std::chrono::microseconds> take_turn(std::uint64_t messages);
    bool hold(const channel::Record& record);
    event::Awaitable<> send_held();
    event::Awaitable<bool> send(const channel::Record& record);
    void count(bool is_delivered);
    void acknowledge(std::uint64_t sequence);
    std::shared_ptr<event::Descriptor> watch(system::UniqueFd passed);
    event::Awaitable<> await_barrier(std::optional<channel::RunId> run, std::uint64_t sequence,
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
    std::uint64_t carried_ = 0;  ///< The sequence of the last record that was handled.
    std::uint64_t undelivered_ = 0;
    unsigned taken_in_turn_ = 0;
    bool hurries_ = false;  ///< Whether messages are sent without delay until the run ends.
};

}  // namespace notifybridge::wait
