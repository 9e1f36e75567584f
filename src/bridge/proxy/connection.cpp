#include "bridge/proxy/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/event/deadline.hpp"
#include "base/system/datagram.hpp"
#include "bridge/probe/connection.hpp"
#include "bridge/proxy/retry.hpp"

namespace notifybridge::proxy {
namespace {

/// A connection transfers data at most this many times before other connections get a turn.
constexpr unsigned most_transfers = 4;
/// The first pause between two checks that the app has acknowledged the first bytes. The pauses
/// double up to event::retry_interval.
constexpr std::chrono::milliseconds acknowledgement_interval(5);
/// The maximum number of bytes to discard before a socket is closed.
constexpr std::size_t most_discarded = 1024 * 1024;

/// Makes the kernel send small pieces at once (TCP_NODELAY). Fails for other types of sockets,
/// which send at once anyway.
void send_without_delay(system::Fd socket) {
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// Makes the kernel find out whether the client still exists if it is silent for long. Unless the
/// .socket unit sets the times (KeepAliveTimeSec=), the kernel begins after two hours.
void detect_vanished_peer(system::Fd socket) {
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

/// Makes the kernel send a reset when a TCP socket is closed (socket(7), SO_LINGER).
void reset_at_close(system::Fd socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// Reads and drops bytes that nobody needs any more. If a TCP socket is closed with unread bytes,
/// the kernel sends a reset, which may destroy bytes on their way to the peer.
void discard_input(system::Fd socket) {
    std::array<char, 4096> buffer;
    for (std::size_t taken = 0; taken < most_discarded; taken += buffer.size())
        if (::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) <= 0)
            return;
}

int pending_error(system::Fd socket) {
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
    return failure;
}

/// Returns whether a reset has arrived.
bool is_reset(system::Fd socket) {
    pollfd polled{socket.get(), 0, 0};
    return ::poll(&polled, 1, 0) == 1 && (polled.revents & POLLERR) != 0;
}

}  // namespace

Connection::Connection(event::Loop& loop, event::Descriptor client, Target& target, PipePool& pool,
                       std::chrono::microseconds closing_patience)
    : loop_(loop),
      client_(std::move(client)),
      target_(target),
      closing_patience_(closing_patience),
      pause_(loop),
      back_pause_(loop),
      back_ended_(loop),
      forward_(pool),
      back_(pool),
      activity_(event::Deadline::now()) {
    send_without_delay(client_.fd());
    detect_vanished_peer(client_.fd());
}

event::Awaitable<boost::system::error_code> Connection::connect() {
    const auto failure = co_await try_all();
    if (failure) {
        abort();
    } else if (!is_over_) {
        target_.has_accepted = is_connected_ = true;
        send_without_delay(app_->fd());
    }
    co_return failure;
}

event::Awaitable<> Connection::run() {
    if (is_over_)
        co_return;
    forward_.begin_with_one_segment(app_->fd());
    is_moving_forward_ = is_moving_back_ = true;
    loop_.spawn([this] { return move_back(); });
    co_await move(forward_, client_, *app_);
    is_moving_forward_ = false;
    back_pause_.cancel();
    while (!has_back_ended_)
        co_await back_ended_.wait();
    discard_input(client_.fd());
}

event::Awaitable<boost::system::error_code> Connection::try_all() {
    const auto begin = event::Deadline::now();
    boost::system::error_code failure;
    for (;;) {
        for (const system::SocketAddress& address : target_.addresses) {
            const auto result = co_await try_address(address);
            if (!result || is_over_)
                co_return boost::system::error_code();
            // localhost has two addresses, and the error for the first address usually explains
            // more.
            if (&address == &target_.addresses.front())
                failure = result;
        }
        const auto waited = event::Deadline::now() - begin;
        if (!retries_connect(failure.value(), target_.has_accepted, waited))
            co_return failure;
        co_await pause_.sleep(connect_pause);
        if (is_over_)
            co_return boost::system::error_code();
    }
}

event::Awaitable<boost::system::error_code> Connection::try_address(system::SocketAddress address) {
    auto socket = system::open_socket(address.family(), SOCK_STREAM);
    if (!socket)
        co_return socket.error();
    app_.reset();
    if (!event::watch(app_, loop_, std::move(*socket)))
        co_return system::error_of(ENOMEM);
    if (::connect(app_->fd().get(), address.data(), address.size()) < 0) {
        if (errno != EINPROGRESS)
            co_return system::last_error();
        co_await app_->writable();
        if (const int failure = pending_error(app_->fd()); failure != 0)
            co_return system::error_of(failure);
    }
    if (!probe::is_own_peer(app_->fd()))
        co_return boost::system::error_code();
    reset_at_close(app_->fd());
    co_return system::error_of(ECONNREFUSED);
}

event::Awaitable<> Connection::move_back() {
    co_await move(back_, *app_, client_);
    is_moving_back_ = false;
    if (only_delivers_)
        end();
    co_await await_client();
    has_back_ended_ = true;
    back_ended_.raise();
}

/// Waits for the end of the client after the app has closed its side. Ends the connection if the
/// client is silent for too long, because the app may have closed the connection for this reason.
event::Awaitable<> Connection::await_client() {
    while (!is_over_ && is_moving_forward_) {
        const auto silence = event::Deadline::now() - activity_.last();
        if (silence >= closing_patience_)
            end();
        else
            co_await back_pause_.sleep(closing_patience_ - silence);
    }
}

event::Awaitable<> Connection::move(OneWay& way, event::Descriptor& from, event::Descriptor& to) {
    event::Timer& pause = &way == &back_ ? back_pause_ : pause_;
    std::chrono::milliseconds interval = acknowledgement_interval;
    unsigned transfers = 0;
    while (!is_over_) {
        const OneWay::Step step = way.advance(from.fd(), to.fd());
        note(way);
        switch (step) {
            case OneWay::Step::moved:
                if (++transfers < most_transfers)
                    continue;
                co_await loop_.yield();
                break;
            case OneWay::Step::wants_input:
                co_await from.readable();
                break;
            case OneWay::Step::wants_room:
                co_await to.writable();
                break;
            case OneWay::Step::wants_pipe:
                co_await pause.sleep(event::retry_interval);
                break;
            case OneWay::Step::wants_acknowledgement:
                if (is_reset(from.fd()))
                    abort();
                else
                    co_await pause.sleep(interval);
                interval = std::min(2 * interval, event::retry_interval);
                break;
            case OneWay::Step::ended:
                co_return;
            case OneWay::Step::input_failed:
                abort();
                co_return;
            case OneWay::Step::output_failed:
                // An app that accepts no more bytes may still have sent an answer. `back_` delivers
                // as much of the answer as the client takes, and then the reset if there was one.
                if (&way == &back_)
                    abort();
                else if (forward_.was_broken())
                    back_.expect_failure();
                co_return;
        }
        transfers = 0;
    }
}

void Connection::note(const OneWay& way) {
    if (way.received() == 0)
        return;
    if (&way == &forward_)
        activity_.client_sent(event::Deadline::now());
    else
        activity_.app_sent(event::Deadline::now());
}

bool Connection::is_busy(Activity::Time now) const {
    return forward_.holds_bytes() || back_.holds_bytes() || activity_.is_busy(now);
}

void Connection::end_when_delivered() {
    only_delivers_ = true;
    if (!is_connected_)
        abort();
    else if (!is_moving_back_)
        end();
}

void Connection::abort() {
    if (is_over_)
        return;
    reset_at_close(client_.fd());
    if (app_)
        reset_at_close(app_->fd());
    end();
}

void Connection::end() {
    is_over_ = true;
    client_.cancel();
    if (app_)
        app_->cancel();
    pause_.cancel();
    back_pause_.cancel();
}

}  // namespace notifybridge::proxy
