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

/// The end of the fd lane in `wrap`. The lane is a socket through which `wrap` and `wait` pass file
/// descriptors. Keeps the descriptors of messages until `wait` has fetched them and acknowledged
/// the message. Receives the descriptors that `wait` passes to the command.
class FdKeeper {
public:
    FdKeeper(event::Loop& loop, system::Fd directory);
    FdKeeper(const FdKeeper&) = delete;
    FdKeeper& operator=(const FdKeeper&) = delete;
    ~FdKeeper();

    /// Creates the run's socket if it does not exist. Returns whether it exists now. Logs a
    /// failure.
    bool open(const channel::RunId& run);

    /// Takes over the descriptors that arrived with record `sequence`. Leaves them in `fds` if
    /// `wrap` would otherwise run out of descriptors.
    void keep(std::uint64_t sequence, std::vector<system::UniqueFd>& fds);

    /// Returns whether another message may be read. If so, all descriptors of that message can be
    /// kept, unless our limit of open files is too low.
    bool has_room() const { return kept_fds_ < enough_; }

    /// Closes the descriptors of all records up to `sequence`.
    void release(std::uint64_t sequence);

    /// Returns how many messages have descriptors that we keep.
    std::size_t count() const { return kept_.size(); }

    /// Waits for the descriptors that `wait` passes to the command, and returns them. Returns none
    /// if they do not arrive within five seconds. Call this only once.
    event::Awaitable<relay::NamedFds> take_handed_in();

    /// Records that `wait` cannot pass on descriptors.
    void expect_none();

    /// Serves `wait` until the loop ends. Serves only the newest connection.
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
    bool awaits_none_ = false;  ///< Whether the descriptors have arrived or will not arrive.
};

}  // namespace notifybridge::wrap
