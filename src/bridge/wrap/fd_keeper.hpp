#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "bridge/channel/lane.hpp"
#include "bridge/relay/fd_lane.hpp"

namespace notifybridge::wrap {

/// `wrap`'s end of the fd lane: keeps the descriptors of messages until `wait` has fetched them and
/// acknowledged the message, and takes those that it hands in.
class FdKeeper {
public:
    FdKeeper(event::Loop& loop, system::Fd directory);
    FdKeeper(const FdKeeper&) = delete;
    FdKeeper& operator=(const FdKeeper&) = delete;
    ~FdKeeper();

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

    /// Of how many messages descriptors are kept.
    std::size_t count() const { return kept_.size(); }

    /// The descriptors that `wait` hands in; none where within five seconds there are none. Once.
    event::Awaitable<relay::NamedFds> take_handed_in();

    /// `wait` cannot hand any in.
    void expect_none();

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
    event::Timer handing_in_;
    std::size_t enough_;
    std::size_t most_;
    std::string name_;
    std::optional<event::Descriptor> listener_;
    std::optional<event::Descriptor> connection_;
    std::deque<Kept> kept_;
    std::size_t kept_fds_ = 0;
    bool said_fault_ = false;
    relay::NamedFds handed_in_;
    bool awaits_none_ = false;  ///< They are there, or are not to come.
};

}  // namespace notifybridge::wrap
