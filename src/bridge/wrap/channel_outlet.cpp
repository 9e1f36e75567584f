#include "bridge/wrap/channel_outlet.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>

#include "base/system/file.hpp"
#include "base/system/limits.hpp"
#include "base/system/lock.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/state_text.hpp"
#include "bridge/relay/policy.hpp"

namespace notifybridge::wrap {
namespace {

using util::Severity;
using util::Topic;

constexpr std::uint64_t mebibyte = 1024 * 1024;
/// Past this much unread, acknowledgements are worth a wake-up: until the journal can be short.
constexpr std::uint64_t backlog_size = RotationPlan::few_unread;
constexpr std::uint64_t most_unread = 64 * mebibyte;
constexpr std::size_t most_queued = 4 * mebibyte;
constexpr std::size_t most_barriers = 256;

constexpr std::chrono::milliseconds retry_interval(100);
constexpr std::chrono::milliseconds fetch_interval(5);
constexpr std::chrono::seconds beat_interval(1);

/// How long the command is held back for descriptors that `wait` said it would hand in.
constexpr std::chrono::seconds handing_in_patience(5);

/// Whether a `wait` is there that has descriptors for the command.
bool host_offers_fds(system::Fd directory) {
    channel::HostFileReader reader(directory);
    if (!reader.refresh() || !reader.writer_lives())
        return false;
    const auto host = reader.read();
    return host && host->facts.listen_fds > 0;
}

/// The run that was there before: one whose `wrap` was killed leaves its lane behind.
std::optional<channel::RunId> run_in(system::Fd directory) {
    channel::JournalFault fault;
    const auto reader = channel::JournalReader::open(directory, fault);
    return reader ? std::optional(reader->header().run) : std::nullopt;
}

}  // namespace

channel::JournalHeader ChannelOutlet::prepare_run() {
    previous_run_ = run_in(directory_);
    channel::JournalHeader header;
    header.run = channel::make_run_id();
    header.started_usec = system::now().realtime;
    header.pid_namespace = system::pid_namespace();
    header.pid = static_cast<std::uint32_t>(::getpid());
    header.uid = ::geteuid();
    header.beats = !system::is_local_file_system(directory_);
    header.awaits_fds = host_offers_fds(directory_) && keeper_.open(header.run);
    header.takes_signals = true;
    return header;
}

ChannelOutlet::ChannelOutlet(event::Loop& loop, system::Fd directory,
                             channel::ContainerStatus& status)
    : loop_(loop),
      directory_(directory),
      status_(status),
      keeper_(loop, directory),
      journal_(directory, prepare_run()),
      host_(loop, directory, journal_.header().run),
      status_file_(loop, directory, status),
      stuck_(loop),
      held_early_(loop),
      handed_in_(loop),
      handing_in_(loop),
      retry_pause_(loop),
      release_pause_(loop),
      beat_pause_(loop),
      barriers_(std::min(most_barriers, system::open_files_limit() / 4)) {
    if (previous_run_)
        ::unlinkat(directory.get(), channel::lane_name(*previous_run_).c_str(), 0);
    status_.run = journal_.header().run;
    status_.pid = journal_.header().pid;
    status_.started_usec = journal_.header().started_usec;
    status_.state.since = system::now();
    written_.start_from(status_.state, journal_.last_sequence());
    journal_.on_written_before_error = [this](const channel::Record& record) {
        written_.add(record);
    };
    host_.on_change = [this](const channel::HostFile& host) {
        heed(host);
        if (on_host)
            on_host();
    };
    keeper_.on_handed_in = [this](relay::NamedFds fds) {
        if (awaits_no_more_ || handed_in_fds_)
            return;
        handed_in_fds_ = std::move(fds);
        handed_in_.raise();
    };
    status_file_.on_lack_of_room = [this] { stuck_.raise(); };
    host_.look();
    status_file_.write();
}

void ChannelOutlet::start() {
    loop_.spawn([this] { return host_.run(); });
    loop_.spawn([this] { return status_file_.run(); });
    status_file_.changed();  // The command's pid is new.
    loop_.spawn([this] { return keep_trying(); });
    loop_.spawn([this] { return keep_releasing(); });
    loop_.spawn([this] { return keeper_.run(); });
    if (journal_.header().beats)
        start_beating();
}

void ChannelOutlet::start_beating() {
    if (!std::exchange(is_beating_, true))
        loop_.spawn([this] { return keep_beating(); });
}

event::Awaitable<relay::NamedFds> ChannelOutlet::take_handed_in() {
    handing_in_.on_expired = [this] {
        util::log(Severity::warning, Topic::messages,
                  "wait has not handed in the file descriptors that it has for the command: it "
                  "starts without them");
        awaits_no_more_ = true;
        handed_in_.raise();
    };
    handing_in_.start(handing_in_patience);
    while (!handed_in_fds_ && !awaits_no_more_)
        co_await handed_in_.wait();
    handing_in_.cancel();
    awaits_no_more_ = true;
    relay::NamedFds fds;
    if (handed_in_fds_)
        fds = std::move(*handed_in_fds_);
    co_return fds;
}

void ChannelOutlet::take(notify::Datagram& datagram, const notify::Message& message,
                         system::Moment time) {
    channel::Record record;
    record.time = time;
    record.sender = datagram.sender;
    record.fds = static_cast<std::uint16_t>(datagram.fds.size());
    record.payload = datagram.text;
    const std::uint64_t sequence = journal_.append(record);
    if (relay::needs_lane(message, datagram.fds.size()))
        keep_fds(datagram, sequence);
}

/// They stay with the datagram, and are closed with it, where nobody is there to fetch them.
void ChannelOutlet::keep_fds(notify::Datagram& datagram, std::uint64_t sequence) {
    if (!host_.was_ever_attached())
        host_.look();
    if (host_.was_ever_attached() && keeper_.open(status_.run))
        keeper_.keep(sequence, datagram.fds);
}

void ChannelOutlet::take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                                 system::Moment time) {
    if (!host_.was_ever_attached())
        host_.look();
    if (!host_.was_ever_attached()) {
        ++status_.unheard_barriers;
        return;
    }
    channel::Record record;
    record.type = channel::RecordType::barrier;
    record.time = time;
    record.sender = datagram.sender;
    barriers_.hold(journal_.append(record), std::move(fd));
}

/// What is kept for a `wait` that is there, and has not come to this run yet, is kept for nobody
/// once that one has gone.
event::Awaitable<> ChannelOutlet::keep_releasing() {
    for (;;) {
        co_await held_early_.wait();
        co_await release_pause_.sleep(retry_interval);
        host_.look();
        if (host_.was_ever_attached())
            follow_backlog();
        else
            give_up_host();
    }
}

void ChannelOutlet::settle() {
    // On a full disk `keep_trying` writes, once there is room for the next rotation as well.
    if (!failing_)
        flush();
    rotate_if_due();
    follow_backlog();
    status_file_.changed();
}

bool ChannelOutlet::has_room() const {
    return journal_.queued() < most_queued && journal_.unread() < most_unread
           && barriers_.has_room() && keeper_.has_room();
}

/// Whether something waits for somebody to read it.
bool ChannelOutlet::has_backlog() const {
    return !barriers_.empty() || keeper_.count() > 0 || journal_.unread() > backlog_size;
}

void ChannelOutlet::flush() {
    const auto written = journal_.flush();
    if (written)
        written_.start_from(status_.state, journal_.last_sequence());
    if (!written && !failing_) {
        util::log(Severity::warning, Topic::messages,
                  "cannot write the journal: ", system::describe(written.error().value()),
                  "; messages are kept in memory until there is room");
        failing_ = true;
        status_file_.stop(true);
        stuck_.raise();
    } else if (written && failing_) {
        util::log(Severity::info, Topic::messages, "The journal can be written again");
        failing_ = false;
        status_file_.stop(false);
    }
}

/// What waits for somebody to read it waits for nobody: `wait` has left us to ourselves.
void ChannelOutlet::give_up_host() {
    const bool had_room = has_room();
    keeper_.release(journal_.last_sequence());
    status_.unheard_barriers += barriers_.release_all();
    status_file_.changed();
    rotation_.all_is_read();
    rotate_if_due();
    follow_backlog();
    if (!had_room && has_room() && on_room)
        on_room();
}

void ChannelOutlet::heed(const channel::HostFile& host) {
    // Our lock does not reach it, whatever the file system is on this side.
    if (host.facts.beats)
        start_beating();
    if (host.facts.run == status_.run) {
        const bool had_room = has_room();
        journal_.acknowledge(host.progress.acknowledged);
        keeper_.release(host.progress.acknowledged);
        if (!host.facts.lane_fault.empty()) {
            awaits_no_more_ = true;
            handed_in_.raise();
        }
        barriers_.release(host.progress.processed);
        if (!had_room && has_room() && on_room)
            on_room();
        rotate_if_due();
        follow_backlog();
        if (host.facts.has_left)
            give_up_host();
    }
    // They are for the run that was alive when they were sent.
    if (host.facts.run == status_.run || host.facts.ending == status_.run)
        heed_signals(host.facts);
}

void ChannelOutlet::heed_signals(const channel::HostFacts& host) {
    for (const int signal : signals_.take(host))
        if (on_signal)
            on_signal(signal);
    if (const int signal = signals_.take_stop(host); signal != 0 && on_stop)
        on_stop(signal);
}

void ChannelOutlet::follow_backlog() {
    const bool is_awaited = has_backlog() && host_.was_ever_attached();
    host_.follow_progress(is_awaited);
    if (is_awaited && !host_.is_known_attached())
        held_early_.raise();
}

void ChannelOutlet::rotate_if_due() {
    if (!rotation_.is_due(journal_.size(), journal_.unread()))
        return;
    const auto rotated = rotate_if_worth_it();
    if (!rotated) {
        const boost::system::error_code error = rotated.error();
        if (!rotation_.has_failed())
            util::log(Severity::warning, Topic::messages,
                      "cannot rotate the journal: ", system::describe(error.value()));
        rotation_.failed(journal_.size(), system::is_full(error) || system::may_pass(error));
        stuck_.raise();
    }
    // A backlog leaves memory behind, which is wanted again only with the next.
    ::malloc_trim(0);
}

/// Where half of the journal or more has been read, a new one has the rest.
system::Result<std::size_t> ChannelOutlet::rotate_if_worth_it() {
    host_.look();
    if (host_.current() && host_.current()->facts.run == status_.run)
        journal_.acknowledge(host_.current()->progress.acknowledged);
    // Nobody was ever there to read: the state is all that one who comes late is told.
    const bool is_read = host_.was_ever_attached();
    system::Result<std::size_t> rotated = std::size_t{0};
    if (!is_read)
        rotated = journal_.rotate(channel::to_text(status_.state), journal_.last_sequence(),
                                  system::now(), channel::JournalWriter::Rest::dropped);
    else if (RotationPlan::is_worth_it(journal_.size(), journal_.unread_on_disk()))
        rotated =
            journal_.rotate(channel::to_text(written_.state()), written_.last(), system::now());
    if (rotated && !is_read)
        written_.start_from(status_.state, journal_.last_sequence());
    if (rotated)
        rotation_.looked(journal_.size());
    return rotated;
}

bool ChannelOutlet::is_rotation_wanted() const {
    return failing_ || rotation_.is_wanted();
}

bool ChannelOutlet::is_stuck() const {
    return is_rotation_wanted() || status_file_.lacks_room();
}

event::Awaitable<> ChannelOutlet::keep_trying() {
    for (;;) {
        co_await stuck_.wait();
        while (is_stuck()) {
            co_await retry_pause_.sleep(retry_interval);
            const bool had_room = has_room();
            if (is_rotation_wanted() && !rotate_if_worth_it() && failing_) {
                // A shorter journal needs a little room before it frees much: that of a file which
                // is written again anyway.
                status_file_.remove();
                static_cast<void>(rotate_if_worth_it());
            }
            // Before the journal takes all the room again: the room of this file is what the next
            // rotation begins with. A reader may keep the old journal, and its room, for a while.
            status_file_.write();
            if (failing_ && !status_file_.lacks_room())
                flush();
            if (!had_room && has_room() && on_room)
                on_room();
        }
    }
}

event::Awaitable<> ChannelOutlet::keep_beating() {
    for (;;) {
        journal_.beat();
        co_await beat_pause_.sleep(beat_interval);
    }
}

event::Awaitable<> ChannelOutlet::finish(process::ExitStatus end,
                                         std::chrono::microseconds patience) {
    status_.end = end;
    const std::string payload = channel::end_text(end);
    channel::Record record;
    record.type = channel::RecordType::end;
    record.time = system::now();
    record.payload = payload;
    journal_.append(record);
    if (!failing_)
        flush();
    const auto span = static_cast<std::uint64_t>(patience.count());
    std::uint64_t until = record.time.monotonic + span;
    event::Timer pause(loop_);
    for (std::size_t left = journal_.queued(); failing_ && system::now().monotonic < until;) {
        co_await pause.sleep(retry_interval);
        // While some of it gets out, there is hope for the rest.
        if (journal_.queued() < left)
            until = system::now().monotonic + span;
        left = journal_.queued();
    }
    if (failing_)
        util::log(Severity::error, Topic::messages, journal_.queued(),
                  " bytes of messages are lost, as the journal could not be written");
    status_file_.write();
    co_await await_fetching(patience);
}

/// Descriptors that nobody has fetched are gone with us.
event::Awaitable<> ChannelOutlet::await_fetching(std::chrono::microseconds patience) {
    const std::uint64_t until =
        system::now().monotonic + static_cast<std::uint64_t>(patience.count());
    event::Timer pause(loop_);
    while (keeper_.count() > 0 && host_.is_known_attached() && system::now().monotonic < until) {
        co_await pause.sleep(fetch_interval);
        host_.look();
    }
    if (keeper_.count() > 0)
        util::log(Severity::warning, Topic::messages, "the file descriptors of ", keeper_.count(),
                  " messages are closed: wait has not fetched them");
}

}  // namespace notifybridge::wrap
