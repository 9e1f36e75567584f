#include "process/sink.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "system/file.hpp"

namespace notifybridge::process {
namespace {

bool has_room(system::Fd fd) {
    pollfd entry{fd.get(), POLLOUT, 0};
    return ::poll(&entry, 1, 0) > 0;
}

}  // namespace

Sink::Sink(event::Loop& loop, system::Fd fd) : fd_(fd) {
    struct stat status {};
    ::fstat(fd.get(), &status);
    if (S_ISSOCK(status.st_mode)) {
        kind_ = Kind::socket;
    } else if (S_ISFIFO(status.st_mode) || ::isatty(fd.get())) {
        own_.reset(
            ::open(system::proc_path(fd).c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        kind_ = own_ ? Kind::opened_anew : Kind::shared;
    }
    if (kind_ == Kind::never_waits)
        return;
    system::UniqueFd watch(::epoll_create1(EPOLL_CLOEXEC));
    if (!watch)
        system::throw_errno("epoll_create1");
    watch_.emplace(loop, std::move(watch));
    watch_for(0, EPOLL_CTL_ADD);
}

void Sink::watch_for(unsigned events, int operation) {
    epoll_event wanted{};
    wanted.events = events;
    if (::epoll_ctl(watch_->fd().get(), operation, used().get(), &wanted) < 0)
        system::throw_errno("epoll_ctl");
}

system::Result<std::size_t> Sink::write(std::string_view bytes) const {
    if (kind_ == Kind::shared) {
        if (!has_room(fd_))
            return boost::system::error_code(EAGAIN, boost::system::system_category());
        bytes = bytes.substr(0, PIPE_BUF);
    }
    ssize_t size = 0;
    do
        size = kind_ == Kind::socket
                   ? ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                   : ::write(used().get(), bytes.data(), bytes.size());
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return system::last_error();
    return static_cast<std::size_t>(size);
}

event::Awaitable<bool> Sink::room() {
    // Only while it is waited for: else every reading of what was written would be an event.
    watch_for(EPOLLOUT, EPOLL_CTL_MOD);
    const bool came = co_await watch_->readable();
    watch_for(0, EPOLL_CTL_MOD);
    co_return came;
}

void Sink::cancel() {
    if (watch_)
        watch_->cancel();
}

}  // namespace notifybridge::process
