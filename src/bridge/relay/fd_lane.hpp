#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/run_id.hpp"

namespace notifybridge::relay {

/// Descriptors with the names that sd_listen_fds_with_names(3) tells.
struct NamedFds {
    std::vector<system::UniqueFd> fds;
    std::vector<std::string> names;  ///< One for each.
};

/// `wait`'s end of the fd lane: connects to a run's socket when descriptors have to cross. Once
/// that failed, nothing crosses for a second, as each try may take its time.
class FdLane {
public:
    /// `log` names the container where it is one of several.
    FdLane(event::Loop& loop, system::Fd directory, util::NamedLog log = util::NamedLog())
        : loop_(loop), directory_(directory), log_(std::move(log)), deadline_(loop) {}

    /// Goes on with this run. Nothing is connected yet.
    void begin(const channel::RunId& run);

    /// The `count` descriptors that came with a record, which may be none; nothing where the lane
    /// cannot be had. Waits for the other side for two seconds at most.
    event::Awaitable<std::optional<std::vector<system::UniqueFd>>> fetch(std::uint64_t sequence,
                                                                         std::size_t count);

    /// Hands in what the command is to be started with. Whether that could be done.
    bool hand_in(const NamedFds& fds);

    /// Whether the lane is connected in this run.
    bool is_open() const { return connection_.has_value(); }
    /// Why descriptors do not cross; empty where nothing failed.
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
    std::optional<event::Descriptor> connection_;
    std::string fault_;
    std::uint64_t retry_at_ = 0;  ///< Of the monotonic clock, where there is a fault.
    std::string said_fault_;      ///< The last one that was logged in this run.
};

}  // namespace notifybridge::relay
