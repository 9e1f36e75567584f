#pragma once

#include <chrono>
#include <optional>

#include "bridge/channel/peer.hpp"
#include "bridge/wait/attachment.hpp"

namespace notifybridge::wait {

/// A run that is alive in the directory before `wait` starts its command. No other run can start
/// before this run is over.
class Leftover {
public:
    Leftover(event::Loop& loop, system::Fd directory, Attachment& attachment);

    /// Looks for a leftover run.
    void look() { header_ = find(); }

    bool is_there() const { return header_.has_value(); }

    /// Returns whether the command of an earlier `wait` started the run, so that we may end it.
    bool is_ours() const { return is_there() && attachment_.was_left_runs(); }

    /// Returns the pid of the run's `wrap` in the pid namespace of that `wrap`.
    std::uint32_t pid() const { return header_->pid; }

    /// Waits for the run's end, up to `patience`. Returns whether the run has ended.
    bool is_gone_within(std::chrono::milliseconds patience);

    /// Makes the first version of the file "host" announce that this `wait` ends the run. So if
    /// this `wait` is killed, the next `wait` ends the run.
    void claim();
    bool is_claimed() const { return is_claimed_; }

    /// Returns whether the run's command is PID 1, which no process in the container can kill. The
    /// run ends when the container is started again.
    bool is_pid1() const { return header_ && header_->ends_unseen; }

    /// Gives up the claim, so that this `wait` does not end the run.
    void let_go();

    /// Ends the run with SIGTERM, and with SIGKILL after `patience`. Returns false if the run is
    /// still alive.
    event::Awaitable<bool> end(std::chrono::microseconds patience);

private:
    std::optional<channel::JournalHeader> find();
    bool lives();
    event::Awaitable<bool> is_gone_after(std::chrono::microseconds patience);

    system::Fd directory_;
    channel::Peer peer_;  ///< The `wrap` of the run.
    Attachment& attachment_;
    event::Timer pause_;
    std::optional<channel::JournalHeader> header_;
    bool is_claimed_ = false;
};

}  // namespace notifybridge::wait
