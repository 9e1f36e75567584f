#include "bridge/proxy/proxy.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/system/clock.hpp"
#include "base/system/error.hpp"
#include "base/system/limits.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::proxy {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

/// A connection has two sockets, and a pipe with two ends for each direction.
constexpr std::size_t fds_of_connection = 6;

/// Returns how many connections the limit of open files allows. Connections may use three quarters
/// of the descriptors, because the rest of the program also needs some.
std::uint64_t most_by_files() {
    return std::max<std::uint64_t>(system::open_files_limit() / 4 * 3 / fds_of_connection, 1);
}

}  // namespace

Proxy::Proxy(event::Loop& loop, std::vector<Listening> sockets, Options options)
    : loop_(loop),
      options_(options),
      idle_plan_(options.idle_timeout),
      idle_(loop),
      settling_(loop),
      finishing_(loop),
      ended_(loop) {
    for (Listening& socket : sockets)
        listeners_.emplace_back(loop, std::move(socket));
    idle_.on_expired = [this] { check_idle(); };
    finishing_.on_expired = [this] {
        for (Connection& connection : connections_)
            connection.abort();
    };
}

void Proxy::open() {
    if (std::exchange(is_open_, true))
        return;
    system::raise_open_files_limit();
    counts_.limit = std::min(options_.most_connections.value_or(most_by_files()), most_by_files());
    changed();
    idle_plan_.begin(event::Deadline::now());
    for (Listener& listener : listeners_) {
        listener.socket.emplace(loop_, std::move(listener.waiting));
        loop_.spawn([this, &listener] { return accept_all(listener); });
        util::log(Severity::info, Topic::process, "accepting connections for ",
                  listener.specification.target.text);
    }
    check_idle();
}

void Proxy::close() {
    is_open_ = false;
    idle_.cancel();
    for (Listener& listener : listeners_) {
        if (listener.socket)
            listener.socket->cancel();
        listener.pause.cancel();
        listener.room.raise();
    }
}

event::Awaitable<> Proxy::accept_all(Listener& listener) {
    while (is_open_) {
        if (counts_.is_full()) {
            log_fullness();
            co_await listener.room.wait();
            continue;
        }
        const int error = accept_one(listener);
        if (error != 0)
            co_await await_next(listener, error);
    }
}

/// Waits after `accept_one` has returned `error`, until another call may succeed.
event::Awaitable<> Proxy::await_next(Listener& listener, int error) {
    if (error == EAGAIN) {
        co_await listener.socket->readable();
    } else if (error != EINTR && error != ECONNABORTED) {
        log_fault(listener, "cannot accept a connection, retrying", error);
        co_await listener.pause.sleep(event::retry_interval);
    }
}

/// Accepts a connection. Returns 0, or an errno value on failure.
int Proxy::accept_one(Listener& listener) {
    system::UniqueFd client(
        ::accept4(listener.socket->fd().get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client)
        return errno;
    std::optional<event::Descriptor> watched;
    if (!event::watch(watched, loop_, std::move(client)))
        return ENOMEM;
    connections_.emplace_back(loop_, std::move(*watched), listener.target, pipes_,
                              options_.closing_patience);
    idle_plan_.opened();
    ++counts_.open;
    ++counts_.waiting;
    ++counts_.accepted;
    changed();
    loop_.spawn([this, connection = std::prev(connections_.end()), &listener] {
        return serve(connection, listener);
    });
    return 0;
}

event::Awaitable<> Proxy::serve(std::list<Connection>::iterator connection, Listener& listener) {
    const boost::system::error_code failure = co_await connection->connect();
    --counts_.waiting;
    if (failure) {
        ++counts_.refused;
        log_fault(listener, "cannot reach the app; resetting the client's connection",
                  failure.value());
    } else {
        changed();
        co_await connection->run();
    }
    connections_.erase(connection);
    --counts_.open;
    changed();
    idle_plan_.closed(event::Deadline::now());
    if (is_open_ && !idle_.is_running())
        check_idle();
    for (Listener& each : listeners_)
        each.room.raise();
    ended_.raise();
}

void Proxy::changed() const {
    if (on_counts)
        on_counts();
}

void Proxy::log_fullness() {
    if (std::exchange(said_fullness_, true))
        return;
    const bool is_by_option = options_.most_connections == counts_.limit;
    util::log(Severity::warning, Topic::process, "--proxy: ", counts_.open,
              " connections are open, and ",
              is_by_option ? concat("--proxy-connections=", counts_.limit)
                           : concat("the limit of ", system::open_files_limit(), " open files"),
              " allows no more; new clients wait until a connection ends; raise ",
              is_by_option ? "--proxy-connections="
                           : "LimitNOFILE= of the service, or --ulimit=nofile= of the container");
}

void Proxy::log_fault(const Listener& listener, std::string_view what, int error) {
    const std::string text =
        concat("--proxy=", listener.specification.text, ": ", what, ": ", system::describe(error));
    if (log_limit_.allows(text, system::monotonic_now()))
        util::log(Severity::warning, Topic::process, text);
}

void Proxy::check_idle() {
    const auto end = idle_plan_.end();
    if (!end || !is_open_)
        return;
    const auto now = event::Deadline::now();
    if (now < *end) {
        idle_.start(*end - now);
        return;
    }
    close();
    if (on_idle)
        on_idle();
}

bool Proxy::is_busy() const {
    const auto now = event::Deadline::now();
    return std::ranges::any_of(
        connections_, [&](const Connection& connection) { return connection.is_busy(now); });
}

event::Awaitable<> Proxy::settle(std::chrono::microseconds patience) {
    const auto end = util::sum(event::Deadline::now(), patience);
    // Poll: a connection becomes quiet when it transfers nothing for a while, and no event reports
    // that.
    while (!is_hurried_ && is_busy() && event::Deadline::now() < end)
        co_await settling_.sleep(event::retry_interval);
}

event::Awaitable<> Proxy::finish(std::chrono::microseconds patience) {
    close();
    for (Connection& connection : connections_)
        connection.end_when_delivered();
    finishing_.start(is_hurried_ ? std::chrono::microseconds(0) : patience);
    while (!connections_.empty())
        co_await ended_.wait();
    finishing_.cancel();
}

void Proxy::hurry() {
    is_hurried_ = true;
    settling_.cancel();
    if (finishing_.is_running())
        finishing_.start(std::chrono::microseconds(0));
}

}  // namespace notifybridge::proxy
