#include "init/hands/perform/stream_log.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/event/descriptor.hpp"
#include "base/system/datagram.hpp"
#include "base/system/local_socket.hpp"
#include "base/system/socket_address.hpp"

namespace notifybridge::perform {
namespace {

/// How much is read from one stream before other streams and other events are handled.
constexpr std::size_t chunk = 4096;
/// The number of streams that are read before other events are handled.
constexpr std::size_t streams_at_once = 4;
/// All users may open streams.
constexpr mode_t stream_socket_mode = 0666;
constexpr int stream_backlog = 64;

}  // namespace

StreamLog::StreamLog(process::FdCloser& closer, std::function<std::string(pid_t)> find_unit,
                     Take take)
    : closer_(closer), find_unit_(std::move(find_unit)), take_(std::move(take)) {}

std::string_view StreamLog::listen(const std::string& path, output::OutputLog& log) {
    const auto address = system::SocketAddress::unix_path(path);
    auto socket = system::open_socket(AF_UNIX, SOCK_STREAM);
    if (!socket)
        return "socket";
    ::unlink(path.c_str());
    if (::bind(socket->get(), address.data(), address.size()) < 0)
        return "bind";
    if (::chmod(path.c_str(), stream_socket_mode) < 0)
        return "chmod";
    if (::listen(socket->get(), stream_backlog) < 0)
        return "listen";
    system::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll)
        return "epoll_create1";
    listener_ = *std::move(socket);
    spare_ = event::duplicate(listener_);
    epoll_ = epoll;
    if (!watch(listener_))
        return "epoll_ctl";
    if (const auto error = log.attach(std::move(epoll), [this] { return take_some(); })) {
        errno = error.value();
        return "epoll_ctl";
    }
    return {};
}

bool StreamLog::watch(system::Fd fd) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.fd = fd.get();
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &wanted) == 0;
}

/// Handles a few streams that have data. Returns false if there are none.
bool StreamLog::take_some() {
    if (closer_.is_full())
        return false;
    std::array<epoll_event, streams_at_once> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int at = 0; at < count; ++at) {
        const int fd = events[static_cast<std::size_t>(at)].data.fd;
        if (fd == listener_.get())
            accept();
        else if (const auto stream = streams_.find(fd); stream != streams_.end())
            read(stream->second);
    }
    return count > 0;
}

bool StreamLog::has_room_for(uid_t user) const {
    const auto of_user =
        std::ranges::count_if(streams_, [&](const auto& each) { return each.second.user == user; });
    return streams_.size() < most_streams
           && static_cast<std::size_t>(of_user) < most_streams_of_user;
}

/// Accepts one stream. Closes a stream that is one too many, so that its process gets EPIPE.
void StreamLog::accept() {
    auto connection = system::accept_connection(listener_);
    if (!connection && connection.error().value() == EMFILE) {
        // Otherwise, the stream would stay in the queue, and wake up the loop again and again.
        spare_.reset();
        static_cast<void>(system::accept_connection(listener_));
        spare_ = event::duplicate(listener_);
    }
    if (!connection)
        return;
    const auto peer = system::peer_credentials(*connection);
    // Otherwise, the kernel drops an urgent byte (MSG_OOB) while we read, and closes its
    // descriptors.
    const int on = 1;
    ::setsockopt(connection->get(), SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    if (!peer || !has_room_for(peer->uid) || ::shutdown(connection->get(), SHUT_WR) < 0
        || !watch(*connection))
        return closer_.close(*std::move(connection));
    const int fd = connection->get();
    streams_.insert_or_assign(fd, Stream{*std::move(connection),
                                         peer->pid,
                                         peer->uid,
                                         peer->pid > 0 ? find_unit_(peer->pid) : std::string(),
                                         {}});
}

/// Reads from a stream once. Closes the stream at its end, or if it is malformed.
void StreamLog::read(Stream& stream) {
    std::array<std::byte, chunk> buffer;
    auto received = system::receive_datagram(stream.fd, buffer);
    if (!received && received.error().value() == EAGAIN)
        return;
    const std::size_t size = received ? received->size : 0;
    if (received)
        closer_.close(std::move(received->fds));
    const auto take = [&](const output::LoggedMessage& message) {
        take_(stream.sender, stream.unit, message);
    };
    if (size > 0 && stream.lines.add(system::as_text(std::span(buffer).first(size)), take))
        return;
    if (size == 0)
        stream.lines.end(take);
    const auto closed = streams_.extract(stream.fd.get());
    if (size > 0)
        closer_.close(std::move(closed.mapped().fd));
}

}  // namespace notifybridge::perform
