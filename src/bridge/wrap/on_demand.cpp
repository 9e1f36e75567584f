#include "bridge/wrap/on_demand.hpp"

#include <algorithm>
#include <utility>

#include "base/process/inherited_fds.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/lane.hpp"
#include "bridge/proxy/own_socket.hpp"
#include "bridge/proxy/sockets.hpp"

namespace notifybridge::wrap {

OnDemand::OnDemand(event::Loop& loop, process::Supervisor& supervisor, const Options& options,
                   EventSink& events)
    : loop_(loop), supervisor_(supervisor), options_(options), events_(events) {}

void OnDemand::take_sockets(relay::NamedFds& passed, process::Environment& environment) {
    if (passed.fds.empty()) {
        passed.fds = process::take_inherited_fds();
        passed.names = channel::parse_fd_names(
            std::string(environment.get("LISTEN_FDNAMES").value_or("")), passed.fds.size());
    }
    // Remove these variables, because the command gets other descriptors, or the same descriptors
    // with other numbers.
    for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
        environment.unset(name);
    proxy::add_own_sockets(options_.proxies, passed.fds, passed.names);
    const std::vector<system::Fd> fds(passed.fds.begin(), passed.fds.end());
    const auto chosen =
        proxy::choose_sockets(options_.proxies, proxy::describe_sockets(fds, passed.names));
    std::vector<proxy::Listening> sockets;
    for (std::size_t index = 0; index < chosen.size(); ++index)
        for (const std::size_t socket : chosen[index]) {
            proxy::check_no_circle(options_.proxies[index], passed.fds[socket]);
            sockets.push_back({options_.proxies[index], std::move(passed.fds[socket])});
        }
    relay::NamedFds others;
    for (std::size_t index = 0; index < passed.fds.size(); ++index)
        if (passed.fds[index]) {
            others.fds.push_back(std::move(passed.fds[index]));
            others.names.push_back(std::move(passed.names[index]));
        }
    passed = std::move(others);
    proxy_.emplace(loop_, std::move(sockets), options_.proxy);
    proxy_->on_idle = [this] { events_.happens(IdleTimedOut()); };
    proxy_->on_counts = [this] { events_.happens(ConnectionsChanged()); };
}

void OnDemand::command_is_ready() {
    if (proxy_ && !was_told_to_stop_)
        proxy_->open();
}

void OnDemand::command_ended() {
    was_told_to_stop_ = true;
    if (proxy_)
        proxy_->close();
}

void OnDemand::hurry() {
    if (proxy_)
        proxy_->hurry();
}

event::Awaitable<> OnDemand::finish(std::chrono::microseconds patience) {
    if (proxy_)
        co_await proxy_->finish(std::min(patience, delivery_patience()));
}

/// Returns the last part of `stop_timeout`. If nobody grants more time (podman stop), the command
/// has this time to end.
std::chrono::microseconds OnDemand::reserve() const {
    return std::min<std::chrono::microseconds>(options_.stop_timeout / 10, std::chrono::seconds(1));
}

/// Returns how long a stop may wait for connections before the command gets its signal.
std::chrono::microseconds OnDemand::settling_patience() const {
    return options_.stop_timeout == util::infinity ? util::infinity
                                                   : options_.stop_timeout - reserve();
}

/// Returns how long clients may still take after the command has ended. Before and after the
/// command's end, a stop waits for clients for at most `stop_timeout` in total. If the stop did not
/// have to wait before, nobody has granted more time, and the command's time counts as well.
std::chrono::microseconds OnDemand::delivery_patience() const {
    if (!stop_began_ || options_.stop_timeout == util::infinity)
        return util::infinity;
    const auto left = settled_after_ ? options_.stop_timeout - *settled_after_
                                     : options_.stop_timeout - reserve()
                                           - (event::Deadline::now() - *stop_began_);
    return std::max(left, reserve());
}

void OnDemand::stop_comes() {
    if (!proxy_ || std::exchange(was_told_to_stop_, true))
        return;
    stop_began_ = event::Deadline::now();
    proxy_->close();
    if (!proxy_->is_busy())
        return;
    supervisor_.hold_stop();
    loop_.spawn([this] { return settle(); });
}

event::Awaitable<> OnDemand::settle() {
    const std::chrono::microseconds patience = settling_patience();
    util::log(util::Severity::info, util::Topic::process, "waiting at most ",
              util::to_string(patience), " for ", proxy_->counts().open,
              " connections to end before the command is asked to stop");
    events_.happens(StopDelayed());
    co_await proxy_->settle(patience);
    settled_after_ = event::Deadline::now() - *stop_began_;
    supervisor_.release_stop();
}

}  // namespace notifybridge::wrap
