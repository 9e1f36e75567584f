#include "bridge/guest/message_port.hpp"

// <linux/vm_sockets.h> needs this header, but does not always include it.
#include <sys/socket.h>

#include <linux/vm_sockets.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/notify/message.hpp"
#include "base/system/clock.hpp"
#include "base/system/error.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::guest {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

/// The burst is as many messages as `rate` allows in this many seconds.
constexpr std::uint64_t burst_seconds = 10;
/// The number of connections or datagrams to receive before other coroutines run.
constexpr int accepted_in_a_turn = 32;
/// The maximum number of connections or datagrams that `catch_up` receives. By default, the kernel
/// queues fewer.
constexpr int accepted_at_the_end = 8192;
/// The time between two checks whether there is room for another connection.
constexpr std::chrono::milliseconds room_interval(10);

/// A buffer that is one byte larger than the longest valid message.
using Buffer = std::array<char, notify::longest_datagram + 1>;

/// Receives into `buffer` without waiting. Returns the size. On failure, returns -1 and sets errno.
ssize_t receive(system::Fd socket, Buffer& buffer) {
    for (;;) {
        const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size >= 0 || errno != EINTR)
            return size;
    }
}

/// Returns whether accept(2) failed because descriptors or memory ran out.
bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

class MessagePort::Connection {
public:
    Connection(system::UniqueFd fd, std::shared_ptr<std::size_t> open)
        : open_(std::move(open)), fd_(std::move(fd)) {
        ++*open_;
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { leave(); }

    system::Fd fd() { return descriptor_ ? descriptor_->fd() : system::Fd(fd_); }

    /// Prepares to wait for data. Returns false if there is no memory.
    bool prepare_to_wait(event::Loop& loop) {
        return event::watch(descriptor_, loop, std::move(fd_));
    }
    event::Awaitable<bool> readable() { return descriptor_->readable(); }

    /// Ends the wait of the reading coroutine, which then drops this connection. The connection no
    /// longer counts as open.
    void give_up() {
        leave();
        descriptor_->cancel();
    }

    std::string text;

private:
    void leave() {
        if (open_)
            --*std::exchange(open_, nullptr);
    }

    std::shared_ptr<std::size_t> open_;
    system::UniqueFd fd_;
    std::optional<event::Descriptor> descriptor_;
};

MessagePort::MessagePort(event::Loop& loop, system::UniqueFd listening, Options options)
    : loop_(loop),
      options_(options),
      listening_(loop, std::move(listening)),
      limit_(options.rate, options.rate * burst_seconds),
      pause_(loop),
      open_(std::make_shared<std::size_t>(0)) {}

event::Awaitable<> MessagePort::run() {
    return options_.socket_type == SOCK_DGRAM ? receive_datagrams() : accept_all();
}

void MessagePort::say(Severity severity, std::string_view text) {
    if (said_.allows(text, system::monotonic_now()))
        util::log(severity, Topic::messages, text);
}

event::Awaitable<> MessagePort::await_rate() {
    const std::chrono::microseconds delay = limit_.delay(system::monotonic_now());
    if (delay.count() == 0 || is_last_)
        co_return;
    say(Severity::warning,
        concat("delaying messages: more than ", options_.rate, " arrive per second (--rate)"));
    co_await pause_.sleep(delay);
}

event::Awaitable<> MessagePort::await_room() {
    while (!has_room() && !is_last_) {
        // If fewer than `most_open` connections are being read, the messages of the other open
        // connections are complete. These connections are closed after their messages are
        // forwarded.
        if (reading_.size() >= options_.most_open)
            close_oldest();
        else
            co_await pause_.sleep(room_interval);
    }
}

void MessagePort::close_oldest() {
    say(Severity::warning,
        concat("closing the oldest connection of the guest, because ", options_.most_open,
               " are open, and none of them has completed its message"));
    reading_.front()->give_up();
    reading_.pop_front();
}

event::Awaitable<> MessagePort::accept_all() {
    while (!is_last_) {
        co_await await_rate();
        co_await await_room();
        const bool readable = co_await listening_.readable();
        if (!readable)
            co_return;
        int count = 0;
        while (count < accepted_in_a_turn && has_room() && accept_one())
            ++count;
        if (count == 0 && is_shortage(errno)) {
            say(Severity::warning, concat("cannot receive a message from the guest now: ",
                                          system::describe(errno), "; trying again"));
            co_await pause_.sleep(event::retry_interval);
        }
    }
}

/// Accepts a connection. Returns false and sets errno if no connection waits or none can be
/// accepted.
bool MessagePort::accept_one() {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    system::UniqueFd fd(::accept4(listening_.fd().get(), reinterpret_cast<sockaddr*>(&peer), &size,
                                  SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd)
        // After ECONNABORTED (the client gave up) or EINTR, other connections may still wait.
        return errno == ECONNABORTED || errno == EINTR;
    limit_.take(system::monotonic_now());
    if (!is_of_guest(peer))
        return true;
    const auto connection = std::make_shared<Connection>(std::move(fd), open_);
    // Usually, the complete message has already arrived.
    const Taken taken = take(*connection);
    if (taken == Taken::part && !is_last_)
        begin_reading(connection);
    else
        finish(connection, taken);
    return true;
}

bool MessagePort::is_of_guest(const sockaddr_storage& peer) {
    if (!options_.cid || peer.ss_family != AF_VSOCK)
        return true;
    const std::uint32_t cid = reinterpret_cast<const sockaddr_vm&>(peer).svm_cid;
    if (cid == *options_.cid)
        return true;
    say(Severity::warning, concat("ignoring a connection of CID ", cid, ": only CID ",
                                  *options_.cid, " may send messages (--guest-cid)"));
    return false;
}

void MessagePort::begin_reading(std::shared_ptr<Connection> connection) {
    if (!connection->prepare_to_wait(loop_))
        return;
    reading_.push_back(connection);
    loop_.spawn([this, connection] { return read(connection); });
}

event::Awaitable<> MessagePort::read(std::shared_ptr<Connection> connection) {
    Taken taken = Taken::part;
    while (taken == Taken::part) {
        const bool readable = co_await connection->readable();
        // `close_oldest` or `catch_up` may have dropped this connection.
        if (!readable || std::ranges::find(reading_, connection) == reading_.end())
            co_return;
        taken = take(*connection);
    }
    reading_.remove(connection);
    finish(connection, taken);
}

MessagePort::Taken MessagePort::take(Connection& connection) {
    Buffer buffer;
    for (;;) {
        const ssize_t size = receive(connection.fd(), buffer);
        if (size < 0 && errno == EAGAIN)
            return Taken::part;
        // A connection that was reset may have lost part of its message.
        if (size < 0 || (size == 0 && connection.text.empty()))
            return Taken::nothing;
        if (size == 0)
            return Taken::message;
        connection.text.append(buffer.data(), static_cast<std::size_t>(size));
        if (connection.text.size() > notify::longest_datagram)
            return Taken::too_long;
    }
}

void MessagePort::finish(const std::shared_ptr<Connection>& connection, Taken taken) {
    if (taken == Taken::message)
        on_message({std::move(connection->text), is_last_ ? nullptr : connection});
    else if (taken == Taken::too_long)
        on_too_long(connection->text);
}

void MessagePort::catch_up() {
    is_last_ = true;
    for (const auto& connection : std::exchange(reading_, {})) {
        finish(connection, take(*connection));
        connection->give_up();
    }
    if (options_.socket_type == SOCK_DGRAM)
        for (int count = 0; count < accepted_at_the_end && receive_one(); ++count)
            continue;
    else
        for (int count = 0; count < accepted_at_the_end && accept_one(); ++count)
            continue;
    pause_.cancel();
}

event::Awaitable<> MessagePort::receive_datagrams() {
    while (!is_last_) {
        co_await await_rate();
        const bool readable = co_await listening_.readable();
        if (!readable)
            co_return;
        for (int count = 0; count < accepted_in_a_turn && receive_one(); ++count)
            continue;
    }
}

bool MessagePort::receive_one() {
    Buffer buffer;
    const ssize_t size = receive(listening_.fd(), buffer);
    if (size < 0)
        return false;
    limit_.take(system::monotonic_now());
    const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > notify::longest_datagram)
        on_too_long(text);
    else
        on_message({std::string(text), nullptr});
    return true;
}

}  // namespace notifybridge::guest
