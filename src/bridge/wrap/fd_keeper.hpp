#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "bridge/channel/lane.hpp"
#include "bridge/relay/fd_lane.hpp"

namespace notifybridge::wrap {

/// The end of the fd lane that `wrap` has: keeps the descriptors of messages until `wait` has
/// fetched them and acknowledged the message, and takes those that it hands in.
class FdKeeper {
public:
    FdKeeper(event::Loop& loop, system::Fd directory);
    FdKeeper(const FdKeeper&) = delete;
    FdKeeper& operator=(const FdKeeper&) = delete;
    ~FdKeeper();

    /// Called with what `wait` hands in.
    std::function<void(relay::NamedFds)> on_handed_in;

    /// Makes the run's socket, unless it is there. Whether it is: that it cannot be made is logged.
    bool open(const channel::RunId& run);

    /// Takes over the descriptors that came with the record `sequence`; or leaves them, where
    /// `wrap` itself would run out of them.
    void keep(std::uint64_t sequence, std::vector<system::UniqueFd>& fds);

    /// Whether those of another message can be kept, however many it brings, unless our limit on
    /// open files is too low for that.
    bool has_room() const { return kept_fds_ < enough_; }

    /// Closes those of all records up to this one.
    void release(std::uint64_t sequence);

    /// How many messages' there are.
    std::size_t count() const { return kept_.size(); }

    /// Serves `wait` until the loop ends, one connection at a time: the newest.
    event::Awaitable<> run();

private:
    struct Kept {
        std::uint64_t sequence;
        std::vector<system::UniqueFd> fds;
    };

    event::Awaitable<> serve();
    bool accept();
    bool answer();
    void send_fds(std::uint64_t sequence);

    event::Loop& loop_;
    system::Fd directory_;
    event::Wakeup opened_;
    event::Timer retry_pause_;
    std::size_t enough_;
    std::size_t most_;
    std::string name_;
    std::optional<event::Descriptor> listener_;
    std::optional<event::Descriptor> connection_;
    std::deque<Kept> kept_;
    std::size_t kept_fds_ = 0;
    bool failed_ = false;
};

}  // namespace notifybridge::wrap
