#include "init/hands/perform/host_timers.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/system/clock.hpp"
#include "base/system/error.hpp"
#include "base/system/random_id.hpp"
#include "base/util/concat.hpp"
#include "init/files/facts/virtualization.hpp"
#include "init/hands/perform/stamp_file.hpp"
#include "init/rules/unit_types/timer.hpp"

namespace notifybridge::perform {
namespace {

using unit_types::Timer;

// These casts are safe, because only timers wait for these clocks.
void report_elapsed(manager::Unit& timer) {
    static_cast<Timer&>(timer).elapsed();
}
void report_clock_changed(manager::Unit& timer) {
    static_cast<Timer&>(timer).clock_changed();
}
void report_zone_changed(manager::Unit& timer) {
    static_cast<Timer&>(timer).time_zone_changed();
}

/// Returns the machine id as 16 bytes. The bytes are zero if there is no machine id.
std::string machine_id_bytes(const unit::Facts& facts) {
    const auto id = system::parse_random_id(facts.machine_id.value_or(""));
    const system::RandomId known = id.value_or(system::RandomId());
    return {reinterpret_cast<const char*>(known.bytes.data()), known.bytes.size()};
}

}  // namespace

HostTimers::Clocks::Clocks(event::Loop& loop, event::Poller& poller, std::uint64_t offset)
    : monotonic(offset), realtime(offset), deadline(loop), wall_clock(poller) {}

HostTimers::HostTimers(event::Loop& loop, HostState& state)
    : loop_(loop), state_(state), startup_(system::monotonic_now()) {}

/// Returns the moment from which OnBootSec= counts. In a container, this is the start of the
/// container, and not the start of the host (systemd.timer(5)).
std::uint64_t HostTimers::boot() const {
    if (!boot_)
        boot_ = facts::detect_container().empty() ? 0 : startup_;
    return *boot_;
}

void HostTimers::wake(const manager::Unit& timer, const unit_types::WakeUp& wake_up) {
    if (!clocks_) {
        clocks_ = std::make_unique<Clocks>(loop_, state_.poller,
                                           wake_offset(state_.settings.facts.boot_id.value_or("")));
        clocks_->deadline.on_expired = [this] { loop_.spawn([this] { return wake_soon(); }); };
        clocks_->wall_clock.on_time = [this] { wake_due(); };
        clocks_->wall_clock.on_clock_change = [this] { notify_followers(report_clock_changed); };
        clocks_->wall_clock.on_zone_change = [this] { notify_followers(report_zone_changed); };
    }
    const std::uint64_t serial = timer.serial();
    forget(serial);
    clocks_->waiting[serial] = {timer.key(), wake_up.follows_clock};
    clocks_->followers += wake_up.follows_clock;
    const auto set = [&](WakeQueue& queue, std::uint64_t moment) {
        if (moment != unit_types::never)
            queue.set(serial, std::max<std::uint64_t>(moment, 1), wake_up.accuracy);
    };
    set(clocks_->monotonic, wake_up.monotonic);
    set(clocks_->realtime, wake_up.realtime);
    arm();
}

void HostTimers::forget(std::uint64_t serial) {
    const auto found = clocks_->waiting.find(serial);
    if (found == clocks_->waiting.end())
        return;
    clocks_->followers -= found->second.follows_clock;
    clocks_->waiting.erase(found);
    clocks_->monotonic.remove(serial);
    clocks_->realtime.remove(serial);
}

void HostTimers::cancel(const manager::Unit& timer) {
    if (!clocks_)
        return;
    forget(timer.serial());
    arm();
}

/// Wakes timers in a later turn of the loop. A deadline in the past expires at once, but the call
/// that sets the deadline must return first.
event::Awaitable<> HostTimers::wake_soon() {
    co_await loop_.yield();
    clocks_->armed = 0;
    wake_due();
    if (state_.on_events)
        state_.on_events();
}

/// Wakes all timers that are due on one of the clocks.
void HostTimers::wake_due() {
    const system::Moment now = system::now();
    std::vector<std::string> due;
    const auto take = [&](WakeQueue& queue, std::uint64_t moment) {
        while (const auto serial = queue.take_due(moment))
            due.push_back(clocks_->waiting.at(*serial).key);
    };
    take(clocks_->monotonic, now.monotonic);
    take(clocks_->realtime, now.realtime);
    for (const std::string& key : due)
        state_.tell(key, report_elapsed);
    arm();
}

void HostTimers::notify_followers(void (*event)(manager::Unit& timer)) {
    std::vector<std::string> keys;
    for (const auto& [serial, waiting] : clocks_->waiting)
        if (waiting.follows_clock)
            keys.push_back(waiting.key);
    for (const std::string& key : keys)
        state_.tell(key, event);
}

void HostTimers::arm() {
    const std::uint64_t next = clocks_->monotonic.next();
    if (next != clocks_->armed) {
        const std::uint64_t now = system::monotonic_now();
        clocks_->armed = next;
        if (next == 0)
            clocks_->deadline.cancel();
        else
            clocks_->deadline.start(std::chrono::microseconds(next > now ? next - now : 0));
    }
    if (clocks_->followers == 0) {
        clocks_->wall_clock.stop();
        return;
    }
    try {
        clocks_->wall_clock.run(clocks_->realtime.next());
    } catch (const std::system_error& error) {
        state_.say(util::Severity::error, nullptr,
                   util::concat("cannot set the clock timer: ", error.what(),
                                "; timers with OnCalendar= will not elapse"));
    }
}

std::uint64_t HostTimers::random(const manager::Unit& timer) {
    if (timer.settings().timer->fixed_random_delay)
        return unit_types::fixed_random(machine_id_bytes(state_.settings.facts), ::getuid(),
                                        timer.id());
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) < 0)
        system::throw_errno("getrandom");
    return number;
}

std::string HostTimers::stamp_path(const manager::Unit& timer) const {
    return perform::stamp_path(state_.settings.facts.state_directory, timer.id());
}

std::optional<std::uint64_t> HostTimers::read_stamp(const manager::Unit& timer) {
    return perform::read_stamp(stamp_path(timer));
}

std::error_code HostTimers::write_stamp(const manager::Unit& timer, std::uint64_t realtime) {
    return perform::write_stamp(stamp_path(timer), realtime);
}

}  // namespace notifybridge::perform
