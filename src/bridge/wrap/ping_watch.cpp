#include "bridge/wrap/ping_watch.hpp"

#include "base/util/log.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::wrap {

PingWatch::PingWatch(event::Loop& loop, const channel::ContainerStatus& status,
                     const WatchdogSource& unit)
    : status_(status), unit_(unit), deadline_(loop) {
    deadline_.on_expired = [this] { look(); };
}

void PingWatch::begin() {
    has_begun_ = true;
    look_later();
}

void PingWatch::watchdog_changed() {
    if (has_begun_ && period().value_or(awaited_) != awaited_)
        look_later();
}

void PingWatch::stop() {
    is_over_ = true;
    deadline_.cancel();
}

std::optional<std::chrono::microseconds> PingWatch::period() const {
    const auto& facts = status_.state.facts;
    const auto own = facts.find(notify::Key::watchdog_usec);
    const auto wanted = own == facts.end() ? unit_.watchdog() : util::parse_usec(own->second);
    return wanted && wanted->count() > 0 ? wanted : std::nullopt;
}

void PingWatch::look_later() {
    const auto wanted = period();
    if (is_over_ || !wanted)
        return;
    awaited_ = *wanted;
    deadline_.start(awaited_ / 2);
}

void PingWatch::look() {
    const auto wanted = period();
    if (is_over_ || status_.state.last_watchdog.monotonic != 0 || !wanted)
        return;
    if (*wanted != awaited_) {
        look_later();
        return;
    }
    stop();
    util::log(
        util::Severity::warning, util::Topic::process,
        "no WATCHDOG=1 yet, but systemd expects one every ", util::to_string(awaited_),
        " (WatchdogSec=); if the app does not ping, set --alive-when=, such as "
        "--alive-when=process; if the library of the app needs WATCHDOG_PID, set --watchdog-pid ",
        tags::no_ping);
}

}  // namespace notifybridge::wrap
