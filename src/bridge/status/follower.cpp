#include "bridge/status/follower.hpp"

namespace notifybridge::status {
namespace {

/// The lock of a file is released at most this long after the close event.
constexpr std::chrono::milliseconds closing_time(100);

}  // namespace

Follower::Follower(event::Loop& loop, system::Fd directory,
                   std::unique_ptr<channel::JournalReader> reader)
    : directory_(directory),
      reader_(std::move(reader)),
      peer_(directory),
      watch_(loop, !peer_.is_remote()),
      pause_(loop) {}

event::Awaitable<> Follower::run() {
    if (reader_->header().beats)
        watch_.poll_from_now_on();
    watch_.watch_file(reader_->fd(), event::FileWatch::Interest::content);
    for (;;) {
        if (read_available())
            watch_.saw_activity();
        if (saw_end_ || broken_)
            co_return;
        if (!goes_on()) {
            // All records are written now, including those in a file that a rotation has replaced.
            read_available();
            if (saw_end_ || broken_ || !reopen())
                co_return;
            continue;
        }
        const event::FileWatch::Change change = co_await watch_.changed();
        if (change.writer_closed)
            co_await pause_.sleep(closing_time);
    }
}

bool Follower::read_available() {
    using channel::JournalReader;
    bool found = false;
    channel::Record record;
    auto outcome = JournalReader::Outcome::record;
    while (!saw_end_ && (outcome = reader_->next(record)) == JournalReader::Outcome::record) {
        // A rotated journal begins with the state, and then repeats records that are not
        // acknowledged.
        if (record.type == channel::RecordType::state || record.sequence <= last_sequence_)
            continue;
        found = true;
        last_sequence_ = record.sequence;
        saw_end_ = record.type == channel::RecordType::end;
        if (on_record)
            on_record(record);
    }
    broken_ = outcome == JournalReader::Outcome::broken;
    return found;
}

/// Returns whether the open file may still grow.
bool Follower::goes_on() {
    return reader_->is_current(directory_) && peer_.writes(*reader_);
}

/// Opens the next journal of the same run, which replaced the one that was read.
bool Follower::reopen() {
    if (reader_->is_current(directory_))
        return false;
    auto fresh = reader_->reopened(directory_);
    if (!fresh)
        return false;
    reader_ = std::move(fresh);
    watch_.watch_file(reader_->fd(), event::FileWatch::Interest::content);
    return true;
}

}  // namespace notifybridge::status
