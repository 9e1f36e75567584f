#include "bridge/wrap/host_link.hpp"

#include <utility>

#include "base/event/timer.hpp"
#include "base/system/clock.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/record.hpp"

namespace notifybridge::wrap {
namespace {

/// How long after our start an unchanged beat counts as a sign of life of `wait`. The file of a
/// dead `wait` also contains a beat.
constexpr std::uint64_t first_beat_usec = 5'000'000;
/// The kernel takes about 10 ms to close an inotify instance, even when the process ends. So `wrap`
/// opens none for a command that ends within `short_life` and sends no barrier.
constexpr std::chrono::milliseconds short_life(100);

}  // namespace

HostLink::HostLink(event::Loop& loop, system::Fd directory, channel::RunId run)
    : directory_(directory),
      run_(run),
      started_(system::monotonic_now()),
      peer_(directory),
      reader_(directory),
      watch_(loop, !peer_.is_remote()),
      retry_(loop),
      unwatched_(loop) {}

void HostLink::look() {
    reader_.refresh();
    read();
}

void HostLink::read() {
    take(reader_.read());
}

void HostLink::take(std::optional<channel::HostFile> host) {
    if (reader_.unknown_version() != 0)
        say_unknown_version();
    // If the file cannot be read now, the last content stays valid.
    if (!reader_.is_uncertain()) {
        current_ = std::move(host);
        is_removed_ = !reader_.fd();
        told_removal_ = told_removal_ && is_removed_;
    }
    if (current_ && current_->facts.run == run_)
        was_attached_ = true;
    if (current_)
        peer_.take_beat(current_->progress.beat, system::monotonic_now());
}

void HostLink::say_unknown_version() {
    if (!std::exchange(said_version_, true))
        util::log(util::Severity::warning, util::Topic::messages, "cannot read the file ",
                  util::quote(channel::host_name), " of the shared directory: ",
                  channel::explain_version(reader_.unknown_version()));
}

bool HostLink::may_have_reader() {
    if (has_reader())
        return true;
    channel::HostSight sight = reader_.look();
    take(std::move(sight.file));
    if (reader_.is_uncertain() || has_reader())
        return true;
    // A `wait` whose file was removed still reads the run until that `wait` ends.
    if (was_attached_ && is_removed_)
        return reader_.removed_writer_lives();
    return !is_left() && is_alive(sight.writer_lives);
}

/// Returns whether the `wait` that wrote the file is alive.
bool HostLink::is_alive(bool has_lock) const {
    // If the file system is full, `wait` overwrites the file in place, so the file is not valid for
    // a moment.
    if (!current_)
        return has_lock && !peer_.is_remote() && reader_.unknown_version() == 0;
    if (peer_.shows_by_lock(current_->facts.beats))
        return has_lock;
    // A `wait` may not know that its lock is invisible here. Such a `wait` starts its beat only
    // when it finds our run, so allow some time for that.
    return peer_.beats()
           && (peer_.has_beaten() || system::monotonic_now() - started_ < first_beat_usec);
}

bool HostLink::is_left() const {
    return current_ && current_->facts.has_left && current_->facts.run == run_;
}

/// Watches the open file, and then opens the current file. Repeats this if the file was replaced
/// before the watch began, because no event reports that.
void HostLink::watch() {
    int watched = -1;
    do {
        watched = reader_.fd().get();
        watch_opened();
        reader_.refresh();
        // If another host writes the file, we poll, and open the file again for each look.
    } while (!peer_.is_remote() && reader_.fd().get() != watched);
}

void HostLink::watch_opened() {
    if (reader_.fd())
        watch_.watch_file(reader_.fd(), wants_progress_ ? event::FileWatch::Interest::content
                                                        : event::FileWatch::Interest::replacement);
    else
        watch_.watch_directory(directory_);
}

void HostLink::follow_progress(bool wanted) {
    if (wanted == wants_progress_)
        return;
    wants_progress_ = wanted;
    // An answer is expected soon, so poll at short intervals if this watch polls.
    if (wanted)
        watch_.saw_activity();
    // Make `run` set the new watch, and read the current content.
    watch_.poke();
    unwatched_.cancel();
}

event::Awaitable<> HostLink::run(HostObserver& observer) {
    if (!wants_progress_)
        co_await unwatched_.sleep(short_life);
    for (;;) {
        watch();
        read();
        // Changes that `look` has read in the meantime must also be reported.
        if (current_ && current_ != told_) {
            watch_.saw_activity();
            told_ = current_;
            // This is a copy, because the observer may call `look` again.
            const channel::HostFile news = *current_;
            observer.host_changed(news);
        }
        if (was_attached_ && is_removed_ && !std::exchange(told_removal_, true))
            observer.host_removed();
        if (reader_.is_uncertain())
            co_await retry_.sleep(event::retry_interval);
        else
            co_await watch_.changed();
    }
}

}  // namespace notifybridge::wrap
