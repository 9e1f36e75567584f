#include "bridge/wrap/straight_outlet.hpp"

#include <algorithm>

#include "base/system/limits.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wrap {
namespace {

constexpr std::size_t most_fds = 256;
constexpr std::string_view barrier = "BARRIER=1";

/// Returns the pid that `message` names with MAINPID=, if the policy has left MAINPID= in `text`.
std::optional<pid_t> passed_main_pid(const notify::Message& message, std::string_view text) {
    if (!relay::main_pid(message))
        return std::nullopt;
    const auto passed = notify::parse(text);
    return passed ? relay::main_pid(*passed) : std::nullopt;
}

}  // namespace

StraightOutlet::StraightOutlet(event::Loop& loop, relay::Policy policy, notify::Address address,
                               std::optional<std::chrono::microseconds> watchdog,
                               relay::Reasons* reasons)
    : loop_(loop),
      policy_(std::move(policy)),
      watchdog_(watchdog),
      reasons_(reasons),
      uplink_(loop, std::move(address)),
      queued_(loop),
      emptied_(loop),
      // The other descriptors are for the next message and for this process itself.
      most_fds_(std::min(most_fds, system::open_files_limit() / 4)) {}

void StraightOutlet::queue(Item item) {
    queued_bytes_ += item.size();
    queued_fds_ += item.fds.size();
    queue_.push_back(std::move(item));
    queued_.raise();
}

void StraightOutlet::take(notify::Datagram& datagram, const notify::Message& message,
                          system::Moment time) {
    relay::Facts facts;
    facts.fds_cross = uplink_.carries_fds();
    facts.received = facts.now = time;
    auto decision = relay::decide(datagram.text, message, policy_, facts, reasons_);
    drops_.add_refused(decision.refused, datagram.sender, time);
    if (decision.text.empty())
        return;
    Item item;
    item.text = std::move(decision.text);
    item.sender = datagram.sender;
    if (decision.concerns_fds)
        item.fds = std::move(datagram.fds);
    item.main_pid = passed_main_pid(message, item.text);
    item.mergeable = relay::mergeable(message);
    const std::size_t size = item.size();
    if (queued_bytes_ > flood && relay::merge_into_tail(queue_, item)) {
        queued_bytes_ += size - item.size();
        drops_.add(notify::DropReason::merged, datagram.sender, time);
        relay::explain_drop(reasons_, item.text, notify::DropReason::merged);
        return;
    }
    queue(std::move(item));
}

void StraightOutlet::take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                                  system::Moment) {
    Item item;
    item.text = barrier;
    item.sender = datagram.sender;
    item.fds.push_back(std::move(fd));
    queue(std::move(item));
}

void StraightOutlet::start() {
    loop_.spawn([this] { return run(); });
}

/// Sends the queued messages, until the loop ends.
event::Awaitable<> StraightOutlet::run() {
    for (;;) {
        while (!queue_.empty()) {
            Item item = std::move(queue_.front());
            queue_.pop_front();
            const bool is_passed_on = co_await send(item);
            done(std::move(item), is_passed_on);
        }
        emptied_.raise();
        co_await queued_.wait();
    }
}

/// Sends an item. Returns whether the manager has received the item.
event::Awaitable<bool> StraightOutlet::send(const Item& item) {
    // The manager releases a barrier itself. Over a vsock, no barrier is sent, because the manager
    // has already read everything that was sent before.
    if (item.text == barrier && !uplink_.carries_fds())
        co_return false;
    const std::vector<system::Fd> fds(item.fds.begin(), item.fds.end());
    const notify::Attempt sent = co_await uplink_.send(item.text, fds);
    if (sent.is_impossible()) {
        drops_.add(notify::DropReason::unsendable, item.sender, system::now(),
                   system::describe(sent.error().value()));
        relay::explain_drop(reasons_, item.text, notify::DropReason::unsendable);
    } else if (!sent) {
        ++lost_;
    } else if (item.main_pid) {
        send_as(*item.main_pid);
    }
    co_return static_cast<bool>(sent);
}

/// Sends on behalf of the new main process from now on. With NotifyAccess=main, the manager ignores
/// our own pid after MAINPID.
void StraightOutlet::send_as(pid_t main_pid) {
    if (auto pidfd = system::open_pidfd(main_pid))
        uplink_.send_as({main_pid, std::move(*pidfd)});
}

/// Removes an item that was sent or given up, which may make room for others.
void StraightOutlet::done(Item item, bool is_passed_on) {
    const bool was_full = !has_room();
    queued_bytes_ -= item.size();
    queued_fds_ -= item.fds.size();
    // Close these descriptors before the next ones are received.
    if (is_passed_on)
        item.fds.clear();
    else
        system::close_at_once(std::move(item.fds));
    if (was_full && has_room() && listener())
        listener()->room_came();
}

event::Awaitable<> StraightOutlet::finish(process::ExitStatus, std::chrono::microseconds patience) {
    uplink_.limit_patience(patience);
    while (queued_bytes_ > 0)
        co_await emptied_.wait();
    relay::log_undelivered(util::NamedLog(), lost_);
}

}  // namespace notifybridge::wrap
