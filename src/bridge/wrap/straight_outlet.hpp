#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/event/wakeup.hpp"
#include "bridge/relay/decision.hpp"
#include "bridge/relay/drop_log.hpp"
#include "bridge/relay/merge.hpp"
#include "bridge/relay/uplink.hpp"
#include "bridge/wrap/outlet.hpp"

namespace notifybridge::wrap {

/// An outlet that sends directly to the service manager, without a shared directory. Messages that
/// the manager does not accept at once stay in memory, with their descriptors. The number of kept
/// descriptors is limited. If this process had no free descriptor, the kernel would close the
/// descriptor of a new barrier, and so release the barrier.
class StraightOutlet final : public Outlet {
public:
    /// `watchdog` is the period of our unit's watchdog. `reasons`, which may be null, receives the
    /// reason for each decision.
    StraightOutlet(event::Loop& loop, relay::Policy policy, notify::Address address,
                   std::optional<std::chrono::microseconds> watchdog = {},
                   relay::Reasons* reasons = nullptr);

    void take(notify::Datagram& datagram, const notify::Message& message,
              system::Moment time) override;
    void take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                      system::Moment time) override;
    void settle() override {}
    bool has_room() const override {
        return queued_bytes_ < most_queued && queued_fds_ < most_fds_;
    }

    void start() override;
    std::optional<std::chrono::microseconds> watchdog() const override { return watchdog_; }
    std::string fd_store() const override { return {}; }
    bool has_reader() const override { return true; }
    bool awaits_fds() const override { return false; }
    event::Awaitable<relay::NamedFds> take_handed_in() override { co_return relay::NamedFds(); }
    event::Awaitable<> finish(process::ExitStatus end, std::chrono::microseconds patience) override;
    void fail(process::ExitStatus) override {}

    const relay::DropLog& drops() const { return drops_; }

private:
    struct Item {
        relay::Mergeable mergeable = relay::Mergeable::no;
        std::string text;
        system::Credentials sender;
        std::vector<system::UniqueFd> fds;
        /// The unit's main process from this message on; nullopt if the message names none.
        std::optional<pid_t> main_pid = {};

        std::size_t size() const { return sizeof(Item) + text.size(); }
    };

    static constexpr std::size_t most_queued = 4 * 1024 * 1024;
    /// If more bytes than this are queued, a new message may replace an older one. A manager that
    /// is only busy for a while does not let so many bytes queue up.
    static constexpr std::size_t flood = most_queued / 4;

    event::Awaitable<> run();
    void queue(Item item);
    event::Awaitable<bool> send(const Item& item);
    void send_as(pid_t main_pid);
    void done(Item item, bool is_passed_on);

    event::Loop& loop_;
    relay::Policy policy_;
    std::optional<std::chrono::microseconds> watchdog_;
    relay::Reasons* reasons_;
    relay::Uplink uplink_;
    relay::DropLog drops_;
    event::Wakeup queued_;
    event::Wakeup emptied_;
    std::deque<Item> queue_;
    std::size_t queued_bytes_ = 0;
    std::size_t queued_fds_ = 0;
    std::size_t most_fds_;
    std::uint64_t lost_ = 0;  ///< How many messages were lost because `uplink_` gave up sending.
};

}  // namespace notifybridge::wrap
