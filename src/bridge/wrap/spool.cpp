#include "bridge/wrap/spool.hpp"

#include <utility>

#include "base/system/memory.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/state_text.hpp"
#include "bridge/relay/digest.hpp"

namespace notifybridge::wrap {
namespace {

using util::Severity;
using util::Topic;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t most_unread = 64 * mebibyte;
constexpr std::size_t most_queued = 4 * mebibyte;

}  // namespace

Spool::Spool(event::Loop& loop, system::Fd directory, const channel::JournalHeader& header,
             const channel::ContainerStatus& status, HostLink& host, StatusFile& status_file)
    : loop_(loop),
      status_(status),
      host_(host),
      status_file_(status_file),
      journal_(directory, header),
      stuck_(loop),
      burst_(loop),
      pause_(loop) {
    mark();
    status_file.on_lack_of_room = [this] { stuck_.raise(); };
}

bool Spool::has_room() const {
    return journal_.queued() < most_queued && journal_.unread() < most_unread;
}

void Spool::write() {
    // If the disk is full, `run` writes later, when there is also room for the next rotation.
    if (!is_write_failing_)
        flush();
}

void Spool::flush() {
    const auto written = journal_.flush();
    if (!written && !is_write_failing_) {
        util::log(Severity::warning, Topic::messages,
                  "cannot write the journal: ", system::describe(written.error().value()),
                  "; messages are kept in memory until there is room");
        is_write_failing_ = true;
        status_file_.stop(true);
        stuck_.raise();
    } else if (written && is_write_failing_) {
        util::log(Severity::info, Topic::messages, "the journal can be written again");
        is_write_failing_ = false;
        status_file_.stop(false);
    }
    if (written && journal_.is_mark_due())
        mark();
}

/// Sets a landmark, but not after the end of the run, because a rotation must keep that record.
void Spool::mark() {
    if (!status_.end)
        journal_.mark(channel::to_text(status_.state));
}

void Spool::rotate_if_due() {
    const std::uint64_t progress = journal_.last_sequence() + journal_.acknowledged();
    burst_.count(progress - std::exchange(progress_, progress));
    if (is_rotation_due(RotationPlan::Pace::busy))
        rotate();
    if (is_rotation_due(RotationPlan::Pace::calm) || journal_.holds_memory())
        burst_.begin();
}

bool Spool::is_rotation_due(RotationPlan::Pace pace) const {
    return rotation_.is_due(journal_.size(), journal_.unread(), pace);
}

void Spool::shorten() {
    if (is_rotation_due(RotationPlan::Pace::calm))
        rotate();
}

event::Awaitable<> Spool::follow_bursts() {
    for (;;) {
        co_await burst_.over();
        shorten();
        journal_.release_memory();
        system::release_data();
    }
}

void Spool::rotate() {
    const auto rotated = rotate_if_worth_it();
    if (!rotated) {
        const boost::system::error_code error = rotated.error();
        if (!rotation_.has_failed())
            util::log(Severity::warning, Topic::messages,
                      "cannot rotate the journal: ", system::describe(error.value()),
                      "; it grows until this succeeds");
        rotation_.failed(journal_.size(), system::is_full(error) || system::may_pass(error));
        stuck_.raise();
    }
    if (status_.end)
        write();
}

/// Starts a new journal with the unread records if at least half of the journal was read. If there
/// is no reader, starts a new journal with the state.
system::Result<std::size_t> Spool::rotate_if_worth_it() {
    host_.look();
    if (host_.current() && host_.current()->facts.run == status_.run)
        journal_.acknowledge(host_.current()->progress.acknowledged);
    // If there is no reader now, a later reader gets only the state.
    const bool is_read = host_.may_have_reader();
    if (is_write_failing_)
        move_cut();
    else
        mark();
    system::Result<std::size_t> rotated = std::size_t{0};
    if (!is_read)
        rotated = journal_.start_over(channel::to_text(status_.state), system::now());
    else if (RotationPlan::is_worth_it(journal_.size(), journal_.size() - journal_.cut().offset))
        rotated = journal_.rotate(journal_.cut().state, system::now());
    // Add the end again, because the state does not show that the run has ended.
    if (rotated && !is_read && status_.end)
        append_end(*status_.end);
    if (rotated)
        rotation_.looked(journal_.size());
    return rotated;
}

/// Moves the journal's cut to the last acknowledged record. Reads the journal to find this place,
/// so use this only on a full disk, where a rotation has to free as much as possible.
void Spool::move_cut() {
    auto reader = journal_.reader();
    if (!reader)
        return;
    const channel::JournalWriter::Landmark& cut = journal_.cut();
    channel::Record record;
    record.type = channel::RecordType::state;
    record.sequence = cut.sequence;
    record.payload = cut.state;
    relay::Digest digest;
    digest.add(record);
    std::uint64_t end = cut.offset;
    while (reader->next(record) == channel::JournalReader::Outcome::record
           && record.sequence <= journal_.acknowledged()
           && record.type != channel::RecordType::end) {
        if (reader->offset() <= end)
            continue;
        digest.add(record);
        end = reader->offset();
    }
    journal_.move_cut({digest.last(), end, channel::to_text(digest.state())});
}

void Spool::append_end(process::ExitStatus end) {
    const std::string payload = channel::end_text(end);
    channel::Record record;
    record.type = channel::RecordType::end;
    record.time = system::now();
    record.payload = payload;
    journal_.append(record);
}

event::Awaitable<> Spool::run() {
    for (;;) {
        co_await stuck_.wait();
        while (is_stuck()) {
            co_await pause_.sleep(event::retry_interval);
            try_again();
        }
    }
}

void Spool::try_again() {
    if (is_rotation_wanted() && !rotate_if_worth_it() && is_write_failing_) {
        // A shorter journal frees much room, but writing it needs a little room first. Remove
        // container-status to make that room. The file is written again below.
        status_file_.remove();
        static_cast<void>(rotate_if_worth_it());
    }
    // Write container-status before the journal fills the disk again: the next rotation removes
    // this file to get the room that it needs. The old journal's room may not be free by then,
    // because a reader may keep that file for a while.
    status_file_.write();
    if (is_write_failing_ && !status_file_.lacks_room())
        flush();
    if (on_room)
        on_room();
}

event::Awaitable<> Spool::drain(std::chrono::microseconds patience) {
    write();
    event::Timer pause(loop_);
    const auto span = static_cast<std::uint64_t>(patience.count());
    std::uint64_t until = system::monotonic_now() + span;
    for (std::size_t left = journal_.queued();
         is_write_failing_ && system::monotonic_now() < until;) {
        co_await pause.sleep(event::retry_interval);
        // While some records can be written, the others may follow.
        if (journal_.queued() < left)
            until = system::monotonic_now() + span;
        left = journal_.queued();
    }
    if (is_write_failing_)
        util::log(Severity::error, Topic::messages, journal_.queued(),
                  " bytes of messages are lost: the journal could not be written");
}

}  // namespace notifybridge::wrap
