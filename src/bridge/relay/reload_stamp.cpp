#include "bridge/relay/reload_stamp.hpp"

#include <cstdint>

#include "base/notify/fact.hpp"
#include "base/notify/message.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::relay {
namespace {

/// Clocks that are further apart are not one clock that was set in between.
constexpr std::int64_t same_clock_usec = 1'000'000;

/// Whether CLOCK_MONOTONIC counts from the same moment there and here, by the time of day.
bool same_clock(system::Moment there, system::Moment here) {
    const auto boot = [](system::Moment moment) {
        return static_cast<std::int64_t>(moment.realtime - moment.monotonic);
    };
    const std::int64_t apart = boot(there) - boot(here);
    return apart > -same_clock_usec && apart < same_clock_usec;
}

}  // namespace

std::string stamp_reload(std::string_view datagram, system::Moment received, system::Moment now) {
    const auto message = notify::parse(datagram);
    if (!message || !message->has("RELOADING=1"))
        return std::string(datagram);
    const bool trusted = same_clock(received, now);
    // A time that systemd cannot read is none to it.
    const auto said = message->value(notify::Key::monotonic_usec);
    if (trusted && said && notify::accepted_value(notify::Key::monotonic_usec, *said))
        return std::string(datagram);

    std::string stamped;
    for (const notify::Tag& tag : message->tags())
        if (tag.key != notify::Key::monotonic_usec)
            stamped += util::concat(tag.raw, '\n');
    stamped += util::concat("MONOTONIC_USEC=", trusted ? received.monotonic : now.monotonic);
    return stamped.size() <= notify::longest_datagram ? stamped : std::string(datagram);
}

}  // namespace notifybridge::relay
