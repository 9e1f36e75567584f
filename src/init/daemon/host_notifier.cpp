#include "init/daemon/host_notifier.hpp"

#include <unistd.h>

#include "base/util/log.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/relay/policy.hpp"
#include "bridge/wrap/channel_outlet.hpp"
#include "bridge/wrap/straight_outlet.hpp"

namespace notifybridge::daemon {

HostNotifier::HostNotifier(event::Loop& loop, const Destination& destination)
    : loop_(loop), next_ping_(loop) {
    next_ping_.on_expired = [this] {
        send("WATCHDOG=1");
        ping_in_time();
    };
    status_.command = "init";
    status_.command_pid = ::getpid();
    if (destination.shared_directory) {
        auto opened = channel::open_for_container(*destination.shared_directory);
        if (!opened.warning.empty())
            util::log(util::Severity::warning, util::Topic::process, opened.warning);
        directory_ = std::move(opened.fd);
        outlet_ = std::make_unique<wrap::ChannelOutlet>(loop_, directory_, status_);
    } else if (destination.manager) {
        outlet_ = std::make_unique<wrap::StraightOutlet>(
            loop_, relay::Policy(), *destination.manager, destination.watchdog);
    }
    if (outlet_)
        outlet_->set_listener(*this);
}

void HostNotifier::start() {
    if (outlet_)
        outlet_->start();
    ping_in_time();
}

void HostNotifier::signal_came(int signal) {
    if (on_signal)
        on_signal(signal);
}

void HostNotifier::host_changed() {
    ping_in_time();
}

/// Schedules the next ping. There are three pings in each watchdog period, because
/// sd_watchdog_enabled(3) recommends at least two.
void HostNotifier::ping_in_time() {
    const auto period = outlet_ ? outlet_->watchdog() : std::nullopt;
    if (!period)
        next_ping_.cancel();
    else if (!next_ping_.is_running() || *period < *last_ping_period_)
        next_ping_.start(*(last_ping_period_ = period) / 3);
}

void HostNotifier::send(const std::string& assignments) {
    notify::Datagram datagram{assignments, {::getpid(), ::geteuid(), ::getegid()}, {}};
    const auto message = notify::parse(datagram.text);
    const system::Moment time = system::now();
    ++status_.messages;
    if (!message)
        return;
    notify::fold(status_.state, *message, time);
    if (!outlet_)
        return;
    outlet_->take(datagram, *message, time);
    outlet_->settle();
}

event::Awaitable<> HostNotifier::finish(process::ExitStatus end,
                                        std::chrono::microseconds patience) {
    next_ping_.cancel();
    if (outlet_)
        co_await outlet_->finish(end, patience);
}

}  // namespace notifybridge::daemon
