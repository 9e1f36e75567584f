#include "bridge/wrap/status_file.hpp"

#include <unistd.h>

#include <tuple>

#include "base/system/clock.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/directory.hpp"

namespace notifybridge::wrap {
namespace {

constexpr std::chrono::milliseconds interval(100);
/// How often the file is written if only counts or the time of the last ping have changed.
constexpr std::chrono::milliseconds count_interval(1000);

}  // namespace

StatusFile::StatusFile(event::Loop& loop, system::Fd directory,
                       const channel::ContainerStatus& status)
    : directory_(directory), status_(status), changed_(loop), pause_(loop) {}

void StatusFile::write() {
    const std::string text = channel::to_text(status_);
    const auto written =
        system::replace_file(directory_, channel::status_name, system::bytes_of(text));
    // While writes are stopped, the disk is full, and Spool has already logged this.
    if (!written && !is_failing_ && !is_stopped_)
        util::log(util::Severity::warning, util::Topic::messages, "cannot write the file ",
                  channel::status_name,
                  " of the shared directory: ", system::describe(written.error().value()),
                  "; `status` shows old values until this succeeds");
    is_failing_ = !written;
    lacks_room_ = !written && system::is_full(written.error());
    written_usec_ = system::monotonic_now();
    if (written)
        written_ = status_;
    // Try again after the usual interval, even if nothing changes until then.
    else if (system::may_pass(written.error()))
        changed_.raise();
}

void StatusFile::changed() {
    changed_.raise();
    if (only_counts_ && has_news())
        pause_.cancel();
}

void StatusFile::remove() {
    ::unlinkat(directory_.get(), channel::status_name, 0);
    written_ = {};
}

/// Returns whether the file lacks a change that is more important than a count or the time of a
/// ping.
bool StatusFile::has_news() const {
    const auto news = [](const channel::ContainerStatus& status) {
        return std::tie(status.state.phase, status.state.since, status.state.facts, status.drops,
                        status.end, status.unheard_barriers, status.pauses, status.command_pid);
    };
    // The output of a check may contain the time, so new output is not urgent, just like a count.
    const auto health_news = [](const channel::Health& health) {
        return std::tie(health.state, health.failing_streak, health.exit_status);
    };
    return news(status_) != news(written_)
           || health_news(status_.health.value_or(channel::Health()))
                  != health_news(written_.health.value_or(channel::Health()));
}

event::Awaitable<> StatusFile::run() {
    for (;;) {
        co_await changed_.wait();
        if (status_ == written_ && !lacks_room_)
            continue;
        // Pause only before a write that would come too soon. So no timer runs after the last
        // write.
        const std::chrono::microseconds age(system::monotonic_now() - written_usec_);
        only_counts_ = !has_news();
        const auto wanted = only_counts_ ? count_interval : interval;
        bool is_due = age >= wanted;
        if (!is_due)
            is_due = co_await pause_.sleep(wanted - age);
        only_counts_ = false;
        if (is_due && !is_stopped_ && !lacks_room_)
            write();
        if (lacks_room_ && on_lack_of_room)
            on_lack_of_room();
    }
}

}  // namespace notifybridge::wrap
