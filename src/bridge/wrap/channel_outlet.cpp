#include "bridge/wrap/channel_outlet.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/event/timer.hpp"
#include "base/system/file.hpp"
#include "base/system/limits.hpp"
#include "base/system/lock.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/peer.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/relay/policy.hpp"

namespace notifybridge::wrap {
namespace {

using util::Severity;
using util::Topic;

/// If more bytes than this are unread, `wrap` follows each acknowledgement, until a rotation can
/// make the journal short.
constexpr std::uint64_t backlog_size = RotationPlan::few_unread;
constexpr std::size_t most_barriers = 256;

constexpr std::chrono::milliseconds fetch_interval(5);

/// Returns whether a `wait` that is alive has descriptors for the command.
bool host_offers_fds(system::Fd directory) {
    channel::HostFileReader reader(directory);
    const channel::HostSight host = reader.look();
    return host.writer_lives && host.file && host.file->facts.listen_fds > 0;
}

}  // namespace

channel::JournalHeader ChannelOutlet::prepare_run(bool ends_unseen) {
    channel::JournalHeader header;
    header.run = system::make_random_id();
    header.started_usec = system::now().realtime;
    header.pid_namespace = system::pid_namespace();
    header.pid = static_cast<std::uint32_t>(::getpid());
    header.uid = ::geteuid();
    header.beats = !system::is_local_file_system(directory_);
    header.awaits_fds = host_offers_fds(directory_) && keeper_.open(header.run);
    header.ends_unseen = ends_unseen;
    status_.run = header.run;
    status_.pid = header.pid;
    status_.started_usec = header.started_usec;
    status_.state.since = system::now();
    return header;
}

ChannelOutlet::ChannelOutlet(event::Loop& loop, system::Fd directory,
                             channel::ContainerStatus& status, bool ends_unseen)
    : loop_(loop),
      directory_(directory),
      status_(status),
      keeper_(loop, directory),
      header_(prepare_run(ends_unseen)),
      host_(loop, directory, header_.run),
      status_file_(loop, directory, status),
      spool_(loop, directory, header_, status, host_, status_file_),
      journal_(spool_.journal()),
      held_early_(loop),
      release_pause_(loop),
      beat_(loop),
      barriers_(std::min(most_barriers, system::open_files_limit() / 4)) {
    channel::remove_other_lanes(directory, header_.run);
    spool_.on_room = [this] { tell_room(); };
    beat_.on_expired = [this] {
        beat_.start(channel::beat_interval);
        journal_.beat();
    };
    host_.look();
    status_file_.write();
}

void ChannelOutlet::start() {
    loop_.spawn([this] { return host_.run(*this); });
    loop_.spawn([this] { return status_file_.run(); });
    status_file_.changed();  // The command has a new pid.
    loop_.spawn([this] { return spool_.run(); });
    loop_.spawn([this] { return spool_.follow_bursts(); });
    loop_.spawn([this] { return keep_releasing(); });
    loop_.spawn([this] { return keeper_.run(); });
    if (header_.beats)
        start_beating();
}

std::optional<std::chrono::microseconds> ChannelOutlet::watchdog() const {
    const auto& host = host_.current();
    return host ? host->facts.watchdog : std::nullopt;
}

std::string ChannelOutlet::fd_store() const {
    const auto& host = host_.current();
    return host ? host->facts.fd_store : std::string();
}

void ChannelOutlet::start_beating() {
    if (!beat_.is_running())
        beat_.start(std::chrono::seconds(0));
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

/// Keeps the descriptors if a reader may fetch them. Otherwise, the caller closes them with the
/// datagram.
void ChannelOutlet::keep_fds(notify::Datagram& datagram, std::uint64_t sequence) {
    if (host_.may_have_reader() && keeper_.open(status_.run))
        keeper_.keep(sequence, datagram.fds);
}

void ChannelOutlet::take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                                 system::Moment time) {
    if (!host_.may_have_reader()) {
        ++status_.unheard_barriers;
        return;
    }
    channel::Record record;
    record.type = channel::RecordType::barrier;
    record.time = time;
    record.sender = datagram.sender;
    barriers_.hold(journal_.append(record), std::move(fd));
}

/// Releases everything that is kept for a `wait` if this `wait` ends before it has reached this
/// run.
event::Awaitable<> ChannelOutlet::keep_releasing() {
    for (;;) {
        co_await held_early_.wait();
        co_await release_pause_.sleep(event::retry_interval);
        release_if_unread();
    }
}

void ChannelOutlet::release_if_unread() {
    if (host_.may_have_reader())
        follow_backlog();
    else
        give_up_host();
}

void ChannelOutlet::settle() {
    spool_.write();
    spool_.rotate_if_due();
    follow_backlog();
    status_file_.changed();
}

bool ChannelOutlet::has_room() const {
    return spool_.has_room() && barriers_.has_room() && keeper_.has_room();
}

void ChannelOutlet::tell_room() const {
    if (has_room() && listener())
        listener()->room_came();
}

bool ChannelOutlet::keeps_something() const {
    return !barriers_.empty() || keeper_.count() > 0;
}

/// Returns whether barriers, descriptors or many unread bytes wait for a reader.
bool ChannelOutlet::has_backlog() const {
    return keeps_something() || journal_.unread() > backlog_size;
}

/// Releases everything that was kept for a reader, because there is no reader any more.
void ChannelOutlet::give_up_host() {
    keeper_.release(journal_.last_sequence());
    status_.unheard_barriers += barriers_.release_all();
    status_file_.changed();
    spool_.give_up_reader();
    spool_.rotate_if_due();
    follow_backlog();
    tell_room();
}

void ChannelOutlet::host_changed(const channel::HostFile& host) {
    take_progress(host);
    if (listener())
        listener()->host_changed();
}

void ChannelOutlet::take_progress(const channel::HostFile& host) {
    // A `wait` that beats cannot see the locks of `wrap`, even if the file system looks local here.
    if (host.facts.beats)
        start_beating();
    if (host.facts.run == status_.run) {
        journal_.acknowledge(host.progress.acknowledged);
        keeper_.release(host.progress.acknowledged);
        if (!host.facts.lane_fault.empty())
            keeper_.expect_none();
        barriers_.release(host.progress.processed);
        spool_.rotate_if_due();
        follow_backlog();
        tell_room();
        if (host.facts.has_left)
            give_up_host();
    }
    // These signals are for the run that was alive when the signals were sent.
    if (host.facts.run == status_.run || host.facts.ending == status_.run)
        pass_signals_on(host.facts);
}

void ChannelOutlet::pass_signals_on(const channel::HostFacts& host) {
    for (const int signal : signals_.take(host))
        if (listener())
            listener()->signal_came(signal);
}

void ChannelOutlet::follow_backlog() {
    const bool is_awaited = has_backlog() && host_.may_have_reader();
    host_.follow_progress(is_awaited);
    // A `wait` that has not reached this run may end, or may already have ended. `keep_releasing`
    // then releases everything that is kept for this `wait`.
    if ((is_awaited || keeps_something()) && !host_.has_reader())
        held_early_.raise();
}

void ChannelOutlet::append_end(process::ExitStatus end) {
    status_.end = end;
    spool_.append_end(end);
}

void ChannelOutlet::fail(process::ExitStatus end) {
    if (status_.end)
        return;
    append_end(end);
    spool_.write();
    status_file_.write();
}

event::Awaitable<> ChannelOutlet::finish(process::ExitStatus end,
                                         std::chrono::microseconds patience) {
    // The journal stays in the directory.
    spool_.shorten();
    append_end(end);
    co_await spool_.drain(patience);
    status_file_.write();
    co_await await_fetching(patience);
}

/// Waits until `wait` has fetched the kept descriptors, because they are closed when this process
/// ends.
event::Awaitable<> ChannelOutlet::await_fetching(std::chrono::microseconds patience) {
    const std::uint64_t until =
        system::monotonic_now() + static_cast<std::uint64_t>(patience.count());
    event::Timer pause(loop_);
    while (keeper_.count() > 0 && host_.has_reader() && system::monotonic_now() < until) {
        co_await pause.sleep(fetch_interval);
        host_.look();
    }
    if (keeper_.count() > 0)
        util::log(Severity::warning, Topic::messages, "the file descriptors of ", keeper_.count(),
                  " messages were closed, because wait did not fetch them");
}

}  // namespace notifybridge::wrap
