#include "relay/forwarder.hpp"

#include "relay/reload_stamp.hpp"
#include "util/escape.hpp"
#include "util/log.hpp"
#include "util/time_span.hpp"

namespace notifybridge::relay {
namespace {

using util::Severity;
using util::Topic;

}  // namespace

void Forwarder::announce(const notify::Message& message, const std::string& text) const {
    if (uplink_.has_manager() && util::logs(Severity::info))
        for (const std::string_view news : {"READY=1", "RELOADING=1", "STOPPING=1"})
            if (policy_.lets_through(message, news))
                util::log(Severity::info, Topic::messages, "Sending ", news,
                          " notification to systemd");
    if (util::logs(Severity::debug))
        util::log(Severity::debug, Topic::messages, "Sending ", util::escape(text));
}

event::Awaitable<bool> Forwarder::send(std::string_view datagram, system::Credentials sender,
                                       system::Moment received) {
    const auto message = notify::parse(datagram);
    if (!message) {
        drops_.add(message.error(), sender, system::now());
        co_return true;
    }
    Policy::Passage passage = policy_.filter(datagram, *message);
    for (const std::string& key : passage.refused)
        drops_.add(notify::DropReason::refused_key, sender, system::now(), util::escape(key));
    if (passage.text.empty())
        co_return true;

    if (policy_.lets_through(*message, "RELOADING=1"))
        passage.text = stamp_reload(passage.text, received, system::now());
    announce(*message, passage.text);
    const bool sent = co_await uplink_.send(passage.text);
    if (!sent)
        co_return false;
    if (const auto extension = message->value(notify::Key::extend_timeout_usec))
        if (const auto span = util::parse_usec(*extension); span && on_extend_timeout)
            on_extend_timeout(*span);
    if (on_ready && policy_.lets_through(*message, "READY=1"))
        on_ready();
    co_return true;
}

}  // namespace notifybridge::relay
