#include "init/daemon/upward.hpp"

#include <unistd.h>

#include "base/util/log.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/relay/policy.hpp"

namespace notifybridge::daemon {

Upward::Upward(event::Loop& loop, const Way& way)
    : loop_(loop), own_watchdog_(way.watchdog), next_ping_(loop) {
    next_ping_.on_expired = [this] {
        say("WATCHDOG=1");
        ping_in_time();
    };
    status_.command = "init";
    status_.command_pid = ::getpid();
    if (way.shared_directory) {
        auto opened = channel::open_for_container(*way.shared_directory);
        if (!opened.warning.empty())
            util::log(util::Severity::warning, util::Topic::process, opened.warning);
        directory_ = std::move(opened.fd);
        channel_ = std::make_unique<wrap::ChannelOutlet>(loop_, directory_, status_);
        const auto tell = [this](int signal) {
            if (on_signal)
                on_signal(signal);
        };
        channel_->on_signal = tell;
        channel_->on_stop = tell;
    } else if (way.manager) {
        straight_ = std::make_unique<wrap::StraightOutlet>(loop_, relay::Policy(), *way.manager);
    }
}

void Upward::start() {
    if (channel_) {
        channel_->on_host = [this] { ping_in_time(); };
        channel_->start();
    }
    if (straight_)
        loop_.spawn([this] { return straight_->run(); });
    ping_in_time();
}

std::optional<std::chrono::microseconds> Upward::watchdog() const {
    if (straight_)
        return own_watchdog_;
    const auto* const host = channel_ ? &channel_->host().current() : nullptr;
    return host && *host ? (*host)->facts.watchdog : std::nullopt;
}

/// Thrice in a period, as systemd asks for at least two (sd_watchdog_enabled(3)).
void Upward::ping_in_time() {
    const auto period = watchdog();
    if (!period)
        next_ping_.cancel();
    else if (!next_ping_.is_running() || *period < *pinged_for_)
        next_ping_.start(*(pinged_for_ = period) / 3);
}

void Upward::say(const std::string& assignments) {
    notify::Datagram datagram{assignments, {::getpid(), ::geteuid(), ::getegid()}, {}};
    const auto message = notify::parse(datagram.text);
    const system::Moment time = system::now();
    ++status_.messages;
    if (!message)
        return;
    notify::fold(status_.state, *message, time);
    if (channel_) {
        channel_->take(datagram, *message, time);
        channel_->settle();
    } else if (straight_) {
        straight_->take(datagram, *message, time);
    }
}

event::Awaitable<> Upward::finish(process::ExitStatus end, std::chrono::microseconds patience) {
    next_ping_.cancel();
    if (channel_)
        co_await channel_->finish(end, patience);
    else if (straight_)
        co_await straight_->finish(patience);
}

}  // namespace notifybridge::daemon
