#include "bridge/wait/courier.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/system/memory.hpp"
#include "base/system/namespaces.hpp"

namespace notifybridge::wait {
namespace {

using Outcome = channel::JournalReader::Outcome;
using util::Severity;
using util::Topic;

/// How often to check whether the directory was removed. We check only while the file "host" is
/// missing, because a directory can be removed only after its files.
constexpr std::chrono::milliseconds removal_interval(100);
/// The journal of `wrap` never has more unread bytes than this.
constexpr std::uint64_t most_unread = 96 * 1024 * 1024;
/// Limits for checks that find nothing new, and for new runs. Without these limits, a container
/// could keep us busy with its files. One check takes about 20 µs.
constexpr std::uint64_t fruitless_looks_a_second = 100;
constexpr std::uint64_t new_runs_a_second = 10;
constexpr std::uint64_t burst_of_new_runs = 20;
/// A limit for records that are folded into a state and not sent. The burst is larger than any
/// journal.
constexpr std::uint64_t folded_bytes_a_second = 8 * 1024 * 1024;
constexpr std::uint64_t burst_of_folded_bytes = 128 * 1024 * 1024;
/// A limit for searches in /proc, each of which takes some milliseconds.
constexpr std::uint64_t searches_a_second = 10;

}  // namespace

Courier::Courier(event::Loop& loop, system::Fd directory, Options options, relay::Policy policy,
                 relay::Uplink& uplink, relay::NamedFds fds, relay::Reasons* reasons)
    : loop_(loop),
      directory_(directory),
      log_(options.name),
      pid_namespace_(system::pid_namespace()),
      peer_(directory),
      options_(std::move(options)),
      fds_(std::move(fds)),
      lane_(loop, directory, log_),
      forwarder_(std::move(policy), uplink, lane_, reasons, log_),
      attachment_(loop, directory, options_.unit, log_),
      leftover_(loop, directory, attachment_),
      delivery_(loop, forwarder_, attachment_, uplink, options_.rate),
      watch_(loop, !peer_.is_remote()),
      pause_(loop),
      burst_(loop),
      fruitless_looks_(fruitless_looks_a_second, fruitless_looks_a_second),
      new_runs_(new_runs_a_second, burst_of_new_runs),
      folded_bytes_(folded_bytes_a_second, burst_of_folded_bytes),
      searches_(searches_a_second, searches_a_second) {
    // A rotated journal has lost its lock, but its run continues.
    delivery_.is_last_of_all = [this] {
        return plan_.is_last() && reader_ && !peer_.writes(*reader_)
               && reader_->is_current(directory_);
    };
    if (options_.translates_main_pid)
        forwarder_.find_process = [this](pid_t pid) { return find_process(pid); };
    channel::JournalFault fault;
    // If a `wait` of this invocation has read a run, later runs are not older than the invocation.
    if (attachment_.resumed_run())
        return;
    if (const auto reader = channel::JournalReader::open(directory, fault))
        older_run_ = reader->header().run;
    else if (fault.passing)
        // If we continued, the run of this journal would later count as a run that began after this
        // `wait`.
        throw std::runtime_error(
            util::concat("cannot read the journal of the shared directory: ", fault.text));
}

void Courier::depart() {
    const bool goes_on = leftover_.is_claimed()
                         || (phase() == RunPhase::live && (!reader_ || peer_.lives(*reader_)));
    if (goes_on)
        attachment_.leave();
    else
        attachment_.withdraw();
}

event::Awaitable<> Courier::run() {
    loop_.spawn([this] { return release_memory(); });
    for (;;) {
        // If no run is found, start the watch and then look again, because a run may have begun
        // before the watch.
        if (!open_run()) {
            watch_.watch_directory(directory_);
            if (!open_run()) {
                emit_caught_up();
                co_await await_run();
                continue;
            }
        }
        bool is_taken_up = false;
        while (reader_ && !is_taken_up) {
            is_taken_up = co_await take_up();
            emit_caught_up();
            if (!is_taken_up)
                co_await try_again_later();
        }
        while (reader_)
            co_await follow();
        // Yield first: a waiter may stop the loop now, and then the next run is not ours.
        co_await loop_.yield();
        co_await await_turn(new_runs_);
    }
}

event::Awaitable<> Courier::await_run() {
    if (system::is_removed(directory_) && !std::exchange(directory_gone_, true))
        emit(DirectoryRemoved{options_.member, phase() != RunPhase::none});
    // If the file "host" is missing, somebody may be removing the directory. The removal of the
    // directory itself causes no event, so check again soon.
    if (!attachment_.is_shown()) {
        co_await pause_.sleep(removal_interval);
        co_return;
    }
    co_await await_change();
    co_await await_turn(fruitless_looks_);
}

event::Awaitable<> Courier::await_turn(relay::RateLimit& limit, std::uint64_t count) {
    const std::uint64_t now = system::monotonic_now();
    const std::chrono::microseconds delay = limit.delay(now);
    limit.take(now, count);
    if (delay.count() == 0)
        co_return;
    watch_.unwatch();
    co_await pause_.sleep(delay);
    if (reader_) {
        watch_.watch_file(reader_->fd(), event::FileWatch::Interest::content);
        watch_.poke();
    }
}

void Courier::mute() {
    log_(Severity::info, Topic::messages,
         "ignoring the messages of the new run, because the service manager has received "
         "STOPPING=1");
    forwarder_.mute();
}

void Courier::command_started(pid_t pid) {
    command_ = pid;
    peer_.set_command_runs(true);
}

void Courier::command_gone() {
    peer_.set_command_runs(false);
    // If the journal was rotated, the rest of the run is in another file.
    const bool has_all = reader_ && reader_->is_current(directory_);
    plan_.command_gone(has_all ? std::min(reader_->unread(), most_unread) : most_unread);
    watch_.poke();
}

/// Waits for a change. Waits only a short time if something could not be read, or if a writer has
/// just closed the journal.
event::Awaitable<event::FileWatch::Change> Courier::await_change() {
    event::FileWatch::Change change;
    if (const auto pause = plan_.pause())
        co_await pause_.sleep(*pause);
    else
        change = co_await watch_.changed();
    co_return change;
}

void Courier::doubt(const channel::JournalFault& fault) {
    report(fault);
    plan_.doubt(system::monotonic_now());
}

void Courier::emit_caught_up() {
    if (plan_.has_caught_up(system::monotonic_now()))
        emit(CaughtUp{options_.member});
}

void Courier::emit(const Event& event) const {
    if (on_event)
        on_event(event);
}

void Courier::report(const channel::JournalFault& fault) {
    if (!fault.absent && fault.text != reported_fault_
        && reported_.allows(fault.text, system::monotonic_now()))
        log_(Severity::error, Topic::messages,
             "cannot read the journal of the shared directory: ", fault.text);
    reported_fault_ = fault.absent ? std::string() : fault.text;
}

/// Sends the messages that the run has written so far. Returns false if the journal cannot be read
/// now.
event::Awaitable<bool> Courier::take_up() {
    const auto leading = relay::leading_digest(*reader_);
    if (!leading)
        co_return false;
    const channel::HostProgress& progress = attachment_.progress();
    if (start_ == Start::after_acknowledged)
        co_await report_earlier_state();
    // If nothing was acknowledged, treat the whole journal as new: the state may not have been
    // sent.
    const bool is_all_new = start_ == Start::every_record || progress.acknowledged == 0;
    const bool is_state_enough = start_ != Start::every_record && is_all_new && *leading;
    // If an earlier `wait` was killed while it sent a state, send that state again. Then send the
    // later records one by one.
    const std::uint64_t announced = is_all_new ? attachment_.announced_state() : 0;
    if (start_ == Start::from_state || is_state_enough || announced != 0) {
        const std::uint64_t removed = *leading ? (*leading)->last() : 0;
        const std::uint64_t last = announced != 0 ? std::max(announced, removed) : UINT64_MAX;
        const bool is_sent = co_await send_digest(last);
        if (!is_sent)
            co_return false;
    } else if (*leading && (is_all_new || (*leading)->last() > progress.acknowledged)) {
        // `wrap` has rotated the journal because it saw no reader. No `wait` has read the records
        // that were removed. Send the state in their place, and then the other records.
        co_await delivery_.carry(**leading);
    } else if (progress.processed < progress.acknowledged) {
        // The earlier `wait` may have ended before the service manager released its barrier. Send
        // another barrier.
        co_await delivery_.carry_barrier(progress.acknowledged);
    }
    co_await read_available();
    co_await close_if_over();
    co_return true;
}

/// Waits before reading the beginning of the run again. Keeps the journal open, because it cannot
/// be opened again if another run has replaced the file. Gives up this run after
/// RunPlan::longest_doubt.
event::Awaitable<> Courier::try_again_later() {
    plan_.begin_look();
    doubt({false, true, system::describe(reader_->failure().value())});
    if (!plan_.may_clear(system::monotonic_now())) {
        reader_.reset();
        co_return;
    }
    co_await pause_.sleep(RunPlan::retry_interval);
    reader_->rewind();
}

event::Awaitable<> Courier::follow() {
    const event::FileWatch::Change change = co_await await_change();
    if (change.writer_closed)
        plan_.writer_closed();
    plan_.begin_look();
    const bool found = co_await read_available();
    // If only messages have arrived, the run is alive.
    if (found && change.only_content && !plan_.has_ending())
        co_return;
    co_await close_if_over();
    emit_caught_up();
    if (!found && reader_)
        co_await await_turn(fruitless_looks_);
}

event::Awaitable<bool> Courier::read_available() {
    bool found = false;
    channel::Record record;
    auto outcome = Outcome::record;
    while (!plan_.has_ending() && (outcome = reader_->next(record)) == Outcome::record) {
        found = true;
        burst_.count(1);
        plan_.read_record();
        if (record.type == channel::RecordType::end)
            plan_.read_end(channel::parse_end(record.payload));
        const std::uint64_t size = channel::record_header_size + record.payload.size();
        co_await delivery_.carry(record);
        // After the last record, report the end of the run first. Otherwise, the run would seem to
        // be alive after its command.
        if (plan_.catches_up(size) && !plan_.has_ending()) {
            co_await delivery_.drain();
            emit_caught_up();
        }
    }
    if (outcome == Outcome::broken)
        plan_.read_damage();
    if (outcome == Outcome::failed)
        doubt({false, true, system::describe(reader_->failure().value())});
    co_await delivery_.drain();
    attachment_.show_lane(lane_.is_open(), lane_.fault());
    if (found)
        watch_.saw_activity();
    if (reader_->holds_memory())
        burst_.begin();
    co_return found;
}

/// Gives back the memory that a burst has used, after each burst.
event::Awaitable<> Courier::release_memory() {
    for (;;) {
        co_await burst_.over();
        if (reader_)
            reader_->release_memory();
        system::release_data();
    }
}

/// Folds the records of the run up to `last` into its state, and sends the state. Returns false if
/// the records cannot be read now.
event::Awaitable<bool> Courier::send_digest(std::uint64_t last) {
    relay::Digest digest;
    channel::Record record;
    auto outcome = Outcome::record;
    while ((outcome = reader_->next(record)) == Outcome::record
           && record.type != channel::RecordType::end && record.sequence <= last) {
        digest.add(record);
        co_await await_turn(folded_bytes_, channel::record_header_size + record.payload.size());
        co_await loop_.yield();
    }
    if (outcome == Outcome::failed)
        co_return false;
    if (digest.is_needless()) {
        reader_->rewind();
        co_return true;
    }
    co_await delivery_.carry(digest);
    // The loop stopped at a record. Read the journal again, so that this record is sent, too.
    if (outcome == Outcome::record)
        reader_->rewind();
    co_return true;
}

/// Folds the messages of the run so far into its state, and reports the state with RunResumed.
/// Ignores read errors, because `take_up` will get the same errors.
event::Awaitable<> Courier::report_earlier_state() {
    relay::Digest digest;
    channel::Record record;
    while (reader_->next(record) == Outcome::record
           && record.sequence <= attachment_.progress().acknowledged
           && record.type != channel::RecordType::end) {
        digest.add(record);
        co_await await_turn(folded_bytes_, channel::record_header_size + record.payload.size());
        co_await loop_.yield();
    }
    reader_->rewind();
    emit(RunResumed{options_.member, digest.state()});
}

std::optional<relay::ContainerProcess> Courier::find_process(pid_t pid) {
    const std::uint64_t now = system::monotonic_now();
    // The journal that we read may have been rotated, and `wrap` may have opened the next one.
    const auto rotated = reader_->is_current(directory_) ? nullptr : reader_->reopened(directory_);
    const auto journal = system::identity(rotated ? rotated->fd() : reader_->fd());
    if (!journal || searches_.delay(now).count() != 0)
        return std::nullopt;
    searches_.take(now);
    const channel::JournalHeader& header = reader_->header();
    return relay::find_in_container(
        {header.pid_namespace, static_cast<pid_t>(header.pid), *journal}, pid);
}

}  // namespace notifybridge::wait
