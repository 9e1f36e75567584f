#pragma once

#include <functional>

#include "base/event/burst_watch.hpp"
#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"
#include "bridge/channel/journal_writer.hpp"
#include "bridge/wrap/host_link.hpp"
#include "bridge/wrap/rotation_plan.hpp"
#include "bridge/wrap/status_file.hpp"

namespace notifybridge::wrap {

/// Writes a run's journal, and keeps it short. If the file system is full, keeps messages in memory
/// until they can be written.
class Spool {
public:
    /// Starts the run. `status` always contains the state after the messages so far. `status_file`
    /// uses room in the same file system. `status` and `status_file` must outlive this object.
    /// Throws the exceptions of JournalWriter.
    Spool(event::Loop& loop, system::Fd directory, const channel::JournalHeader& header,
          const channel::ContainerStatus& status, HostLink& host, StatusFile& status_file);

    /// Called when there may be room again.
    std::function<void()> on_room;

    channel::JournalWriter& journal() { return journal_; }
    const channel::JournalWriter& journal() const { return journal_; }

    /// Returns whether more messages may be queued.
    bool has_room() const;

    /// Writes the queued messages, unless the file system is full.
    void write();

    /// Call this after messages were written or acknowledged.
    void rotate_if_due();

    /// Makes the journal as short as after a burst.
    void shorten();

    /// Queues the record of the end, which is the last record.
    void append_end(process::ExitStatus end);

    /// Records that no reader reads the journal any more.
    void give_up_reader() { rotation_.all_is_read(); }

    /// Retries failed writes and rotations, until the loop ends.
    event::Awaitable<> run();

    /// Shortens the journal and gives back memory after each burst, until the loop ends.
    event::Awaitable<> follow_bursts();

    /// Writes the queued messages. If the file system is full, gives up when nothing could be
    /// written for `patience`.
    event::Awaitable<> drain(std::chrono::microseconds patience);

private:
    void flush();
    bool is_rotation_due(RotationPlan::Pace pace) const;
    void rotate();
    void mark();
    void move_cut();
    system::Result<std::size_t> rotate_if_worth_it();
    void try_again();
    bool is_rotation_wanted() const { return is_write_failing_ || rotation_.is_wanted(); }
    bool is_stuck() const { return is_rotation_wanted() || status_file_.lacks_room(); }

    event::Loop& loop_;
    const channel::ContainerStatus& status_;
    HostLink& host_;
    StatusFile& status_file_;
    channel::JournalWriter journal_;
    RotationPlan rotation_;
    event::Wakeup stuck_;
    event::BurstWatch burst_;
    event::Timer pause_;
    bool is_write_failing_ = false;
    std::uint64_t progress_ = 0;  ///< The records that were written or acknowledged.
};

}  // namespace notifybridge::wrap
