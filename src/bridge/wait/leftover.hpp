#pragma once

#include <chrono>
#include <optional>

#include "bridge/channel/journal_reader.hpp"
#include "bridge/relay/pulse.hpp"
#include "bridge/wait/attachment.hpp"

namespace notifybridge::wait {

/// The run that is alive in the directory before `wait` starts its command: there can be no other
/// until it is over.
class Leftover {
public:
    Leftover(event::Loop& loop, system::Fd directory, Attachment& attachment);

    /// Looks whether there is one.
    void look() { header_ = find(); }

    bool is_there() const { return header_.has_value(); }

    /// Whether the command of a `wait` before us started it, so that it is ours to end.
    bool is_ours() const { return is_there() && attachment_.was_left_runs(); }

    /// The pid of its `wrap`, as that sees it itself.
    std::uint32_t pid() const { return header_->pid; }

    /// Waits for its end. Whether it came.
    bool is_gone_within(std::chrono::milliseconds patience);

    /// "host" is to say, from its first version on, that we are about to end it: if we are killed,
    /// it is for the next one to end.
    void claim();
    bool is_claimed() const { return is_claimed_; }

    /// Whether nobody in its container can kill it, as it is PID 1: who starts it anew does.
    bool is_pid1() const { return header_ && header_->ends_unseen; }

    /// It is not ours to end any more.
    void let_go();

    /// Ends it: by SIGTERM, and by SIGKILL after `patience`. False where it lives all the same.
    event::Awaitable<bool> end(std::chrono::microseconds patience);

private:
    std::optional<channel::JournalHeader> find();
    bool lives();
    event::Awaitable<bool> is_gone_after(std::chrono::microseconds patience);

    system::Fd directory_;
    bool is_remote_;  ///< Locks of the container's side do not reach us.
    Attachment& attachment_;
    event::Timer pause_;
    relay::Pulse pulse_;
    std::optional<channel::JournalHeader> header_;
    bool is_claimed_ = false;
};

}  // namespace notifybridge::wait
