#include "relay/courier.hpp"

#include <signal.h>
#include <unistd.h>

#include "channel/directory.hpp"
#include "channel/state_text.hpp"
#include "system/lock.hpp"
#include "util/escape.hpp"
#include "util/log.hpp"
#include "util/number.hpp"
#include "util/time_span.hpp"

namespace notifybridge::relay {
namespace {

using util::Severity;
using util::Topic;

/// In a backlog so many messages are sent before they are acknowledged: as many are sent again
/// after a kill -9.
constexpr int acknowledged_at_once = 64;
/// A run that shows by a beat each second that it lives is taken for dead after this.
constexpr std::uint64_t longest_beat_usec = 3'500'000;
/// The event of a closed file comes just before the lock is gone: so often it is asked again, after
/// 1 ms, 2 ms, ...
constexpr int closing_checks = 7;

}  // namespace

Courier::Courier(event::Loop& loop, system::Fd directory, Options options, Policy policy,
                 Uplink& uplink)
    : loop_(loop),
      directory_(directory),
      options_(std::move(options)),
      policy_(std::move(policy)),
      uplink_(uplink),
      host_writer_(directory),
      watch_(loop, system::is_local_file_system(directory)),
      pause_(loop),
      publish_pause_(loop) {
    channel::HostFileReader before(directory);
    if (before.refresh())
        previous_ = before.read();
    channel::JournalFault fault;
    if (const auto reader = channel::JournalReader::open(directory, fault))
        older_run_ = reader->header().run;
    host_.facts.pid = ::getpid();
    host_.facts.invocation = options_.invocation;
    host_.facts.attached_usec = system::now().realtime;
    host_.facts.watchdog = options_.watchdog;
    host_.facts.beats = !system::is_local_file_system(directory);
    // A run is resumed by what the file says, which therefore goes on saying it.
    if (previous_ && previous_->facts.invocation == options_.invocation) {
        host_.facts.run = previous_->facts.run;
        host_.progress = previous_->progress;
    }
}

void Courier::announce() {
    host_.facts.polls = watch_.polls();
    if (const auto published = host_writer_.publish(host_); !published)
        system::throw_error(published.error().value(), "write", channel::host_name);
}

void Courier::publish() {
    host_.facts.polls = watch_.polls();
    host_.facts.drops = drops_.counters();
    if (const auto published = host_writer_.publish(host_); !published)
        util::log(Severity::warning, Topic::messages, "cannot write ", channel::host_name, ": ",
                  system::describe(published.error().value()));
}

void Courier::adopt_older() {
    options_.adopts_older = true;
}

void Courier::ask_to_stop(int signal) {
    host_.facts.stop_signal = signal;
    publish();
}

void Courier::withdraw() {
    ::unlinkat(directory_.get(), channel::host_name, 0);
}

void Courier::publish_soon() {
    if (publish_pending_ || drops_.counters() == host_.facts.drops)
        return;
    publish_pending_ = true;
    loop_.spawn([this]() -> event::Awaitable<> {
        co_await publish_pause_.sleep(std::chrono::seconds(1));
        publish_pending_ = false;
        publish();
    });
}

void Courier::report(const channel::JournalFault& fault) {
    if (!fault.absent && fault.text != reported_fault_)
        util::log(Severity::error, Topic::messages, "cannot read the journal: ", fault.text);
    reported_fault_ = fault.absent ? std::string() : fault.text;
}

event::Awaitable<> Courier::run() {
    for (;;) {
        // A watch comes before the look, so that nothing falls between the two.
        if (!open_run()) {
            watch_.watch_directory(directory_);
            if (!open_run()) {
                looked();
                co_await watch_.changed();
                continue;
            }
        }
        co_await take_up();
        looked();
        while (reader_)
            co_await follow();
    }
}

void Courier::look_again() {
    look_wanted_ = true;
    watch_.poke();
}

void Courier::looked() {
    if (std::exchange(look_wanted_, false) && on_looked)
        on_looked();
}

bool Courier::open_run() {
    channel::JournalFault fault;
    auto reader = channel::JournalReader::open(directory_, fault);
    if (!reader) {
        report(fault);
        return false;
    }
    if (done_run_ == reader->header().run)
        return false;
    const auto start = start_of(*reader);
    if (!start)
        return false;

    reader_ = std::move(reader);
    start_ = *start;
    end_recorded_ = broken_ = false;
    end_.reset();
    if (start_ != Start::after_acknowledged)
        host_.progress = {};
    host_.facts.run = reader_->header().run;
    host_.facts.stop_signal = 0;
    if (reader_->header().beats)
        watch_.poll_from_now_on();
    watch_.watch_file(reader_->fd(), event::FileWatch::Interest::content);
    publish();
    phase_ = RunPhase::live;
    util::log(Severity::info, Topic::messages, "Attached to the run of pid ", reader_->header().pid,
              " in the shared directory");
    if (on_run_change)
        on_run_change();
    return true;
}

std::optional<Courier::Start> Courier::start_of(const channel::JournalReader& reader) {
    const channel::RunId& run = reader.header().run;
    // Without a name for the invocation nobody can say that it is still the same.
    if (previous_ && previous_->facts.run == run && !options_.invocation.empty()
        && previous_->facts.invocation == options_.invocation)
        return Start::after_acknowledged;
    last_beat_usec_ = 0;
    if (!lives(reader))
        return std::nullopt;
    if (older_run_ != run)
        return Start::every_record;
    if (!options_.adopts_older)
        return std::nullopt;
    return Start::from_state;
}

event::Awaitable<> Courier::take_up() {
    if (start_ == Start::from_state)
        co_await send_state_so_far();
    else if (start_ == Start::after_acknowledged
             && host_.progress.processed < host_.progress.acknowledged)
        // A barrier that the `wait` before us sent may not have come back to it.
        co_await carry_barrier(host_.progress.acknowledged);
    if (reader_) {
        co_await read_available();
        co_await settle_run();
    }
}

event::Awaitable<> Courier::follow() {
    event::FileWatch::Change change;
    if (closing_checks_ > 0) {
        const std::chrono::milliseconds pause(1 << (closing_checks - closing_checks_));
        --closing_checks_;
        co_await pause_.sleep(pause);
    } else {
        change = co_await watch_.changed();
    }
    if (change.writer_closed)
        closing_checks_ = closing_checks;
    const bool found = co_await read_available();
    // While messages come, and nothing else does, the run lives.
    if (found && change.only_content && !end_recorded_ && !broken_)
        co_return;
    co_await settle_run();
    looked();
}

event::Awaitable<bool> Courier::read_available() {
    bool found = false;
    channel::Record record;
    auto outcome = channel::JournalReader::Outcome::record;
    while (!end_recorded_
           && (outcome = reader_->next(record)) == channel::JournalReader::Outcome::record) {
        found = true;
        co_await carry(record);
    }
    broken_ = outcome == channel::JournalReader::Outcome::broken;
    flush_acknowledgement();
    if (found)
        watch_.saw_activity();
    co_return found;
}

event::Awaitable<> Courier::send_state_so_far() {
    notify::State state;
    std::uint64_t last = 0;
    bool has_snapshot = false;
    channel::Record record;
    auto outcome = channel::JournalReader::Outcome::record;
    while ((outcome = reader_->next(record)) == channel::JournalReader::Outcome::record
           && record.type != channel::RecordType::end) {
        if (record.type == channel::RecordType::state) {
            state = channel::parse_state(record.payload);
            has_snapshot = true;
        } else if (record.sequence > last && record.type == channel::RecordType::datagram) {
            if (const auto message = notify::parse(record.payload))
                notify::fold(state, *message, record.time);
        }
        last = std::max(last, record.sequence);
    }
    if (!has_snapshot && state.phase == notify::Phase::starting) {
        // All it ever said is there, and none of it is old: it is sent as it was said.
        reopen();
        co_return;
    }
    const system::Credentials ourselves{};
    for (const std::string& datagram : notify::to_datagrams(state))
        co_await send(datagram, ourselves);
    co_await carry_barrier(last);
    acknowledge(last);
    flush_acknowledgement();
    if (outcome == channel::JournalReader::Outcome::record)
        reopen();
}

void Courier::reopen() {
    channel::JournalFault fault;
    auto fresh = channel::JournalReader::open(directory_, fault);
    if (!fresh || !(fresh->header() == reader_->header()))
        return;
    reader_ = std::move(fresh);
    watch_.watch_file(reader_->fd(), event::FileWatch::Interest::content);
}

event::Awaitable<> Courier::carry(const channel::Record& record) {
    using channel::RecordType;
    // Kept for those who have not seen what came before it.
    if (record.type == RecordType::state)
        co_return;
    // Records stand twice where the journal was rotated.
    if (record.sequence <= host_.progress.acknowledged)
        co_return;
    if (undelivered_ == 0)
        note_gap(record.sequence);
    if (record.type == RecordType::end) {
        end_recorded_ = true;
        end_ = channel::parse_end(record.payload);
    } else {
        bool sent = false;
        if (record.type == RecordType::barrier)
            sent = co_await carry_barrier(record.sequence);
        else
            sent = co_await send(record.payload, record.sender);
        undelivered_ += sent ? 0 : 1;
    }
    if (undelivered_ != 0)
        co_return;
    acknowledge(record.sequence);
    if (unwritten_acknowledgements_ >= acknowledged_at_once) {
        flush_acknowledgement();
        co_await loop_.yield();
    }
}

void Courier::note_gap(std::uint64_t sequence) {
    if (sequence != host_.progress.acknowledged + 1)
        util::log(Severity::warning, Topic::messages, "the journal lacks messages ",
                  host_.progress.acknowledged + 1, " to ", sequence - 1);
}

event::Awaitable<bool> Courier::send(std::string_view datagram, system::Credentials sender) {
    const auto message = notify::parse(datagram);
    if (!message) {
        drops_.add(message.error(), sender, system::now());
        publish_soon();
        co_return true;
    }
    const Policy::Passage passage = policy_.filter(datagram, *message);
    for (const std::string& key : passage.refused)
        drops_.add(notify::DropReason::refused_key, sender, system::now(), util::escape(key));
    if (!passage.refused.empty())
        publish_soon();
    if (passage.text.empty())
        co_return true;

    const auto sends = [&](std::string_view assignment) {
        return message->has(assignment)
               && policy_.passes({{}, std::string(assignment), notify::classify(assignment)});
    };
    const bool ready = sends("READY=1");
    for (const std::string_view news : {"READY=1", "RELOADING=1", "STOPPING=1"})
        if (uplink_.has_manager() && sends(news))
            util::log(Severity::info, Topic::messages, "Sending ", news,
                      " notification to systemd");
    util::log(Severity::debug, Topic::messages, "Sending ", util::escape(passage.text));
    const bool sent = co_await uplink_.send(passage.text);
    if (!sent)
        co_return false;
    if (const auto extension = message->value(notify::Key::extend_timeout_usec))
        if (const auto span = util::parse_usec(*extension); span && on_extend_timeout)
            on_extend_timeout(*span);
    if (ready && on_ready)
        on_ready();
    co_return true;
}

event::Awaitable<bool> Courier::carry_barrier(std::uint64_t sequence) {
    auto passed = co_await uplink_.send_barrier();
    if (!passed)
        co_return false;
    auto descriptor = std::make_shared<event::Descriptor>(loop_, std::move(*passed));
    loop_.spawn([this, sequence, descriptor] { return await_barrier(sequence, descriptor); });
    co_return true;
}

event::Awaitable<> Courier::await_barrier(std::uint64_t sequence,
                                          std::shared_ptr<event::Descriptor> passed) {
    const bool came_back = co_await passed->readable();
    if (!came_back || sequence <= host_.progress.processed)
        co_return;
    host_.progress.processed = sequence;
    host_writer_.update(host_.progress);
}

void Courier::acknowledge(std::uint64_t sequence) {
    host_.progress.acknowledged = sequence;
    ++unwritten_acknowledgements_;
}

void Courier::flush_acknowledgement() {
    if (unwritten_acknowledgements_ == 0)
        return;
    unwritten_acknowledgements_ = 0;
    host_writer_.update(host_.progress);
}

bool Courier::lives(const channel::JournalReader& reader) {
    if (!reader.header().beats)
        return reader.writer_lives();
    const std::uint64_t beat = reader.read_beat();
    const std::uint64_t now = system::now().monotonic;
    if (beat != last_beat_ || last_beat_usec_ == 0) {
        last_beat_ = beat;
        last_beat_usec_ = now;
    }
    return now - last_beat_usec_ < longest_beat_usec;
}

bool Courier::writer_lives() {
    return reader_ && lives(*reader_);
}

event::Awaitable<> Courier::settle_run() {
    if (!end_recorded_ && !broken_ && !reader_->is_current(directory_)) {
        reopen();
        co_await read_available();
    }
    if (!end_recorded_ && !broken_ && lives(*reader_))
        co_return;
    // What was written last is there by now, as the writer is gone.
    if (!end_recorded_ && !broken_)
        co_await read_available();
    if (end_recorded_) {
        close_run(end_);
        co_return;
    }
    util::log(Severity::error, Topic::messages,
              broken_ ? "the journal is damaged: nothing more of this run can be delivered"
                      : "the run broke off: wrap ended without recording how");
    close_run(std::nullopt);
}

void Courier::close_run(std::optional<process::ExitStatus> end) {
    if (undelivered_ != 0)
        util::log(Severity::error, Topic::messages, undelivered_,
                  " messages could not be delivered, as the service manager cannot be reached");
    undelivered_ = 0;
    done_run_ = reader_->header().run;
    reader_.reset();
    closing_checks_ = 0;
    end_ = end;
    phase_ = RunPhase::ended;
    if (on_run_change)
        on_run_change();
}

}  // namespace notifybridge::relay
