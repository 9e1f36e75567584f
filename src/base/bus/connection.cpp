#include "base/bus/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "base/system/datagram.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::bus {
namespace {

/// The number of waiting output bytes above which the connection stops reading input. Most output
/// is an answer to input, so the queue stops growing.
constexpr std::size_t much_output = 1024 * 1024;
/// The number of waiting output bytes above which the connection is closed, because the bus does
/// not read any more. Answers alone stay far below this number, because the connection stops
/// reading calls at `much_output` bytes.
constexpr std::size_t most_output = 64 * much_output;
/// The time that a message has to take before the connection rests. Most messages take less.
constexpr std::chrono::milliseconds shortest_rest(1);

}  // namespace

std::string socket_path(std::string_view addresses, std::string_view otherwise) {
    constexpr std::string_view prefix = "unix:path=";
    while (!addresses.empty()) {
        std::string_view address = util::take_until(addresses, ';');
        if (!address.starts_with(prefix))
            continue;
        address.remove_prefix(prefix.size());
        return std::string(util::take_until(address, ','));
    }
    return std::string(otherwise);
}

Connection::Connection(event::Poller& poller, process::FdCloser& closer, std::size_t longest)
    : poller_(poller), closer_(closer), input_(longest), rest_(poller.loop()) {
    rest_.on_expired = [this] {
        if (connection_ && !watch(wanted_events()))
            fail();
    };
}

bool Connection::open(const std::string& path) {
    close();
    if (path.size() > system::longest_socket_path)
        return false;
    const auto address = system::SocketAddress::unix_path(path);
    system::UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!connection || ::connect(connection.get(), address.data(), address.size()) < 0)
        return false;
    connection_ = std::move(connection);
    ++connections_;
    if (!watch(EPOLLIN)) {
        connection_.reset();
        return false;
    }
    // systemd-logind passes a descriptor with the request for the scope of a session.
    put(bus::encode_greeting(true));
    call_bus("Hello");
    return true;
}

void Connection::close() {
    if (connection_)
        watch(0);
    rest_.cancel();
    closer_.close_connection(std::move(connection_));
    input_.clear();
    output_ = {};
}

std::uint32_t Connection::send(const Message& message) {
    if (++serial_ == 0)
        ++serial_;
    put(bus::encode_message(serial_, message));
    return serial_;
}

std::uint32_t Connection::call_bus(std::string_view member,
                                   const std::vector<std::string>& arguments) {
    if (++serial_ == 0)
        ++serial_;
    put(bus::encode_call(serial_, {"/org/freedesktop/DBus", bus::bus_name, bus::bus_name, member},
                         arguments));
    return serial_;
}

void Connection::put(const std::string& bytes) {
    if (!connection_)
        return;
    const bool was_empty = output_.empty();
    output_ += bytes;
    if (was_empty)
        write();
    if (output_.size() <= most_output)
        return;
    output_ = {};
    // Report the end of the connection in the next turn of the loop, because the caller does not
    // expect a callback during this call.
    ::shutdown(connection_.get(), SHUT_RDWR);
    watch(EPOLLIN);
}

/// Writes as many bytes as the bus accepts. Returns false if the connection has failed.
bool Connection::write() {
    std::size_t written = 0;
    ssize_t size = 0;
    while (written < output_.size()
           && (size = ::send(connection_.get(), output_.data() + written, output_.size() - written,
                             MSG_NOSIGNAL))
                  > 0)
        written += static_cast<std::size_t>(size);
    const bool has_failed = size < 0 && errno != EAGAIN && errno != EINTR;
    output_.erase(0, has_failed ? output_.size() : written);
    if (output_.empty())
        output_.shrink_to_fit();
    return watch(wanted_events()) && !has_failed;
}

/// Reads at most the rest of one message, because a call may take milliseconds. So a flood of calls
/// does not delay other events. The poller calls this again if there is more. Returns false at the
/// end of the connection.
bool Connection::read() {
    if (!(watched_ & EPOLLIN))
        return true;
    const std::uint32_t connection = connections_;
    std::array<std::byte, 1024> buffer;
    const auto size = std::min<std::uint64_t>(buffer.size(), input_.wanted());
    auto received = system::receive_datagram(connection_, std::span(buffer).first(size));
    if (!received)
        return received.error().value() == EAGAIN;
    // No call that we answer needs a descriptor.
    closer_.close(std::move(received->fds));
    if (received->size == 0)
        return false;
    input_.add(system::as_text(std::span(buffer).first(received->size)));
    const auto begin = event::Deadline::now();
    while (const auto item = input_.next()) {
        on_message(*item);
        if (!connection_ || connections_ != connection)
            return true;
    }
    const auto took = event::Deadline::now() - begin;
    if (took >= shortest_rest)
        rest_.start(took);
    return !input_.is_broken() && watch(wanted_events());
}

std::uint32_t Connection::wanted_events() const {
    const bool reads = output_.size() < much_output && !rest_.is_running();
    return (reads ? EPOLLIN : 0U) | (output_.empty() ? 0U : EPOLLOUT);
}

bool Connection::watch(std::uint32_t events) {
    if (events == watched_)
        return true;
    if (watched_ != 0)
        poller_.remove(connection_);
    watched_ = events;
    if (events == 0)
        return true;
    const bool is_watched = !poller_.add(connection_, events, [this] { become_ready(); });
    if (!is_watched)
        watched_ = 0;
    return is_watched;
}

void Connection::become_ready() {
    const std::uint32_t connection = connections_;
    const bool goes_on = (output_.empty() || write()) && read();
    if (goes_on || !connection_ || connections_ != connection)
        return;
    fail();
}

void Connection::fail() {
    close();
    on_end();
}

}  // namespace notifybridge::bus
