#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/system/selinux.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/run_id.hpp"
#include "bridge/relay/socket_holder.hpp"

namespace notifybridge::relay {

/// Descriptors with names (sd_listen_fds_with_names(3)).
struct NamedFds {
    std::vector<system::UniqueFd> fds;
    std::vector<std::string> names;  ///< The names of `fds`, one for each.
};

/// The side of the fd lane (bridge/channel/lane.hpp) that `wait` uses. Connects to a run's socket
/// when descriptors must be transferred. After a failure, does not connect again for a second,
/// because an attempt may take long.
class FdLane {
public:
    /// If `directory` is empty, the lane stays closed. `log` names the container if there are
    /// several.
    FdLane(event::Loop& loop, system::Fd directory, util::NamedLog log = util::NamedLog())
        : loop_(loop), directory_(directory), log_(std::move(log)), deadline_(loop) {}

    /// Switches to the run `run`. Does not connect yet.
    void begin(const channel::RunId& run);

    /// Returns the `count` descriptors of the record `sequence`. `count` may be 0. Returns nullopt
    /// if `wrap` does not have all of them, or if the lane does not work. Waits at most two seconds
    /// for `wrap`.
    event::Awaitable<std::optional<std::vector<system::UniqueFd>>> fetch(std::uint64_t sequence,
                                                                         std::size_t count);

    /// Sends `fds` to `wrap`, which passes them to the command. Sends nothing if the container of
    /// an earlier run still has them (SocketHolder). Returns whether this succeeded.
    bool hand_in(const NamedFds& fds);

    /// Returns whether the lane is connected in this run.
    bool is_open() const { return connection_.has_value(); }
    /// Returns why descriptors cannot be transferred. Returns an empty text if nothing failed.
    const std::string& fault() const { return fault_; }

private:
    bool connect();
    void fail(std::string why);
    event::Awaitable<bool> await_answer();
    std::optional<std::vector<system::UniqueFd>> take_answer(std::uint64_t sequence,
                                                             std::size_t count);

    event::Loop& loop_;
    system::Fd directory_;
    util::NamedLog log_;
    event::Deadline deadline_;
    channel::RunId run_;
    system::SocketLevel level_;
    std::optional<event::Descriptor> connection_;
    SocketHolder holder_;
    std::string fault_;
    std::uint64_t retry_at_ = 0;  ///< The earliest time of the next attempt after a fault (µs,
                                  ///< monotonic clock).
    std::string said_fault_;      ///< The last fault that was logged in this run.
};

}  // namespace notifybridge::relay
