#include "bridge/wait/attachment.hpp"

#include <signal.h>
#include <unistd.h>

#include "base/event/timer.hpp"
#include "base/process/exit_status.hpp"
#include "base/system/clock.hpp"
#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/system/missing_calls.hpp"
#include "base/util/concat.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/obstacle.hpp"
#include "bridge/channel/peer.hpp"

namespace notifybridge::wait {
namespace {

/// The number of messages of a backlog that are sent before they are acknowledged. If `wait` is
/// killed, up to this many messages are sent twice.
constexpr int acknowledged_at_once = 64;
/// How often new drops are published while drops continue.
constexpr std::chrono::seconds drops_interval(1);

}  // namespace

Attachment::Attachment(event::Loop& loop, system::Fd directory, Unit unit, util::NamedLog log)
    : directory_(directory),
      log_(std::move(log)),
      writer_(directory),
      drops_shown_(loop),
      retry_(loop),
      beat_(loop) {
    drops_shown_.on_expired = [this] {
        if (std::exchange(drops_changed_, false))
            publish();
    };
    retry_.on_expired = [this] {
        if (!is_stale_)
            return;
        // The container may have replaced the file with a directory.
        channel::remove_obstacle(directory_, channel::host_name);
        publish();
    };
    beat_.on_expired = [this] {
        beat_.start(channel::beat_interval);
        ++host_.progress.beat;
        update();
    };
    channel::HostFileReader before(directory);
    if (before.refresh())
        previous_ = before.read();
    // Without this file, messages that it lists as unacknowledged would be skipped.
    if (before.is_uncertain())
        system::throw_error(before.failure().value(), "read", channel::host_name);
    if (previous_)
        before_ = previous_->facts;
    // Without an invocation id, the earlier `wait` may belong to another invocation.
    if (unit.invocation.empty()
        || (before_ && (before_->invocation != unit.invocation || before_->has_left)))
        previous_.reset();
    // Keep these facts in the file, because they are needed to resume a run.
    if (previous_) {
        host_.facts.run = before_->run;
        host_.facts.state_to = before_->state_to;
        host_.progress = previous_->progress;
    }
    // This `wait` may be attached to a run that the command of an earlier `wait` started. The
    // container manager of that command may start the container again.
    host_.facts.has_command = unit.has_command || was_left_runs();
    host_.facts.pid = ::getpid();
    host_.facts.invocation = std::move(unit.invocation);
    host_.facts.attached_usec = system::now().realtime;
    host_.facts.watchdog = unit.watchdog;
    host_.facts.listen_fds = unit.listen_fds;
    host_.facts.fd_store = std::move(unit.fd_store);
    host_.facts.beats = !system::is_local_file_system(directory);
    host_.facts.missing = system::missing_calls();
}

void Attachment::announce() {
    if (const auto published = writer_.publish(host_); !published)
        system::throw_error(published.error().value(), "write", channel::host_name);
    if (host_.facts.beats)
        beat_.start(channel::beat_interval);
}

void Attachment::beat() {
    if (!std::exchange(host_.facts.beats, true))
        beat_.start(channel::beat_interval);
}

bool Attachment::is_shown() const {
    return system::may_exist(directory_, channel::host_name);
}

void Attachment::withdraw() {
    ::unlinkat(directory_.get(), channel::host_name, 0);
    ::unlinkat(directory_.get(), channel::old_journal_name, 0);
}

void Attachment::leave() {
    host_.facts.has_left = true;
    if (!writer_.publish(host_))
        withdraw();
    ::unlinkat(directory_.get(), channel::old_journal_name, 0);
}

void Attachment::take_over(const channel::RunId& run) {
    if (resumed_run() && resumed_run() != run) {
        // Keep the earlier run in the file, because its messages are unread. If this `wait` is
        // killed, the next `wait` reads them.
        host_.facts.ending = run;
        return;
    }
    host_.facts.has_left = resumed_run() != run;
    name_run(run);
}

void Attachment::let_go() {
    const bool was_other = host_.facts.ending.has_value();
    host_.facts.ending.reset();
    if (!std::exchange(host_.facts.has_left, false) && !was_other)
        return;
    if (!was_other)
        host_.facts.run.reset();
    host_.facts.signals.clear();
    publish();
}

/// Writes `run` into the facts of the file "host". If the run changes, drops the signals that were
/// requested for the previous run.
void Attachment::name_run(const channel::RunId& run) {
    if (host_.facts.run != run) {
        host_.facts.signals.clear();
    }
    host_.facts.run = run;
}

void Attachment::publish() {
    const auto published = writer_.publish(host_);
    if (published)
        is_stale_ = false;
    else
        try_again(published.error());
}

void Attachment::update() {
    if (const auto updated = writer_.update(host_.progress); !updated)
        try_again(updated.error());
}

/// Writes the file again later, because the file tells `wrap` that this `wait` exists and how much
/// it has read.
void Attachment::try_again(boost::system::error_code error) {
    if (!retry_.is_running())
        retry_.start(event::retry_interval);
    if (!std::exchange(is_stale_, true))
        log_(util::Severity::warning, util::Topic::messages, "cannot write the file ",
             channel::host_name, " of the shared directory: ", system::describe(error.value()),
             "; retrying until it succeeds");
}

void Attachment::attach(const channel::RunId& run, bool polls) {
    if (resumed_run() != run) {
        host_.progress = {};
        host_.facts.state_to = 0;
        previous_.reset();
        // The old journal is not needed: it was read to its end, or was not kept for us.
        ::unlinkat(directory_.get(), channel::old_journal_name, 0);
    }
    name_run(run);
    host_.facts.polls = polls;
    host_.facts.lane_open = false;
    host_.facts.lane_fault.clear();
    publish();
}

void Attachment::announce_state(std::uint64_t sequence) {
    if (std::exchange(host_.facts.state_to, sequence) != sequence)
        publish();
}

bool Attachment::signal_run(int signal) {
    channel::append(host_.facts.signals, {++last_signal_, signal});
    publish();
    return !is_stale_;
}

void Attachment::show_drops(const notify::DropCounters& drops) {
    if (drops == host_.facts.drops)
        return;
    host_.facts.drops = drops;
    drops_changed_ = drops_shown_.is_running();
    if (drops_changed_)
        return;
    drops_shown_.start(drops_interval);
    publish();
}

void Attachment::show_missing(const std::string& feature) {
    std::string& missing = host_.facts.missing;
    missing += util::concat(missing.empty() ? "" : " ", feature);
    publish();
}

void Attachment::show_lane(bool open, const std::string& fault) {
    if (open == host_.facts.lane_open && fault == host_.facts.lane_fault)
        return;
    host_.facts.lane_open = open;
    host_.facts.lane_fault = fault;
    publish();
}

bool Attachment::acknowledge(std::uint64_t sequence, std::uint64_t latency_usec) {
    host_.progress.acknowledged = sequence;
    host_.progress.latency_usec = latency_usec;
    if (++unwritten_ < acknowledged_at_once)
        return false;
    flush();
    return true;
}

void Attachment::flush() {
    if (std::exchange(unwritten_, 0) != 0)
        update();
}

void Attachment::confirm(const std::optional<channel::RunId>& run, std::uint64_t sequence) {
    if (run != host_.facts.run || sequence <= host_.progress.processed)
        return;
    host_.progress.processed = sequence;
    update();
}

}  // namespace notifybridge::wait
