#include "relay/straight_outlet.hpp"

#include "relay/reload_stamp.hpp"
#include "util/escape.hpp"
#include "util/log.hpp"

namespace notifybridge::relay {

StraightOutlet::StraightOutlet(event::Loop& loop, Policy policy, notify::Address address,
                               Reasons* reasons)
    : policy_(std::move(policy)),
      reasons_(reasons),
      uplink_(loop, std::move(address)),
      queued_(loop),
      emptied_(loop) {}

void StraightOutlet::queue(Item item) {
    queued_bytes_ += item.size();
    queue_.push_back(std::move(item));
    queued_.raise();
}

void StraightOutlet::take(notify::Datagram& datagram, const notify::Message& message,
                          system::Moment time) {
    auto passage = policy_.filter(datagram.text, message);
    drops_.add_refused(passage.refused, datagram.sender, time);
    if (policy_.lets_through(message, "RELOADING=1"))
        passage.text = stamp_reload(passage.text, time, time);
    explain_passage(reasons_, policy_, datagram.text, message, passage.text);
    if (passage.text.empty())
        return;
    Item item;
    item.text = std::move(passage.text);
    if (passage.says_of_fds)
        item.fds = std::move(datagram.fds);
    item.mergeable = mergeable(message);
    const std::size_t size = item.size();
    if (queued_bytes_ > flood && merge_into_tail(queue_, item)) {
        queued_bytes_ += size - item.size();
        drops_.add(notify::DropReason::merged, datagram.sender, time);
        explain_drop(reasons_, item.text, notify::DropReason::merged);
        return;
    }
    queue(std::move(item));
}

void StraightOutlet::take_barrier(system::UniqueFd fd, const notify::Datagram&, system::Moment) {
    // The manager itself releases it, in its turn.
    Item item;
    item.text = "BARRIER=1";
    item.fds.push_back(std::move(fd));
    queue(std::move(item));
}

event::Awaitable<> StraightOutlet::run() {
    for (;;) {
        while (!queue_.empty()) {
            const Item item = std::move(queue_.front());
            queue_.pop_front();
            std::vector<system::Fd> fds(item.fds.begin(), item.fds.end());
            const bool sent = co_await uplink_.send(item.text, fds);
            const bool was_full = !has_room();
            queued_bytes_ -= item.size();
            if (was_full && has_room() && on_room)
                on_room();
            if (!sent)
                util::log(util::Severity::error, util::Topic::messages,
                          "a message could not be delivered: ", util::escape(item.text));
        }
        emptied_.raise();
        co_await queued_.wait();
    }
}

event::Awaitable<> StraightOutlet::finish(std::chrono::microseconds patience) {
    uplink_.limit_patience(patience);
    while (queued_bytes_ > 0)
        co_await emptied_.wait();
}

}  // namespace notifybridge::relay
