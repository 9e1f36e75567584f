#pragma once

#include <chrono>
#include <optional>

#include "bridge/channel/journal_reader.hpp"
#include "bridge/relay/pulse.hpp"
#include "bridge/wait/attachment.hpp"

namespace notifybridge::wait {

/// A run that is alive in the directory before `wait` starts its command. There can be no other run
/// until it is over.
class Leftover {
public:
    Leftover(event::Loop& loop, system::Fd directory, Attachment& attachment);

    /// Looks for such a run.
    void look() { header_ = find(); }

    bool is_there() const { return header_.has_value(); }

    /// Returns whether the command of an earlier `wait` started the run, so that we may end it.
    bool is_ours() const { return is_there() && attachment_.was_left_runs(); }

    /// Returns the pid of its `wrap`, as `wrap` sees it itself.
    std::uint32_t pid() const { return header_->pid; }

    /// Waits for its end. Returns whether it has ended.
    bool is_gone_within(std::chrono::milliseconds patience);

    /// Makes the first version of "host" say that we are about to end the run: if we are killed,
    /// the next `wait` has to end it.
    void claim();
    bool is_claimed() const { return is_claimed_; }

    /// Returns whether its `wrap` is PID 1, which nobody in the container can kill: whoever starts
    /// the container again ends it.
    bool is_pid1() const { return header_ && header_->ends_unseen; }

    /// Gives up the claim: the run is not ours to end any more.
    void let_go();

    /// Ends the run with SIGTERM, and with SIGKILL after `patience`. Returns false if it is still
    /// alive.
    event::Awaitable<bool> end(std::chrono::microseconds patience);

private:
    std::optional<channel::JournalHeader> find();
    bool lives();
    event::Awaitable<bool> is_gone_after(std::chrono::microseconds patience);

    system::Fd directory_;
    bool is_remote_;  ///< Locks of the container's side are not visible here.
    Attachment& attachment_;
    event::Timer pause_;
    relay::Pulse pulse_;
    std::optional<channel::JournalHeader> header_;
    bool is_claimed_ = false;
};

}  // namespace notifybridge::wait
