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
/// acknowledged the message, and receives those that `wait` passes to the command.
class FdKeeper {
public:
    FdKeeper(event::Loop& loop, system::Fd directory);
    FdKeeper(const FdKeeper&) = delete;
    FdKeeper& operator=(const FdKeeper&) = delete;
    ~FdKeeper();

    /// Creates the run's socket, unless it exists. Returns whether it exists now; logs a failure.
    bool open(const channel::RunId& run);

    /// Takes over the descriptors that came with the record `sequence`. Leaves them in `fds` if
    /// `wrap` itself would run out of descriptors.
    void keep(std::uint64_t sequence, std::vector<system::UniqueFd>& fds);

    /// Returns whether the descriptors of another message can be kept, however many it brings,
    /// unless our limit on open files is too low for that.
    bool has_room() const { return kept_fds_ < enough_; }

    /// Closes the descriptors of all records up to this one.
    void release(std::uint64_t sequence);

    /// Returns how many messages have descriptors that are kept.
    std::size_t count() const { return kept_.size(); }

    /// Returns the descriptors that `wait` passes to the command; none if they do not come within
    /// five seconds. Call it once.
    event::Awaitable<relay::NamedFds> take_handed_in();

    /// Notes that `wait` cannot pass any on.
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
    bool awaits_none_ = false;  ///< They have come, or will not come.
};

}  // namespace notifybridge::wrap
