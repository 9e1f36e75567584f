#include "base/process/sink.hpp"

#include <sys/epoll.h>

namespace notifybridge::process {

Sink::Sink(event::Loop& loop, system::Fd fd) : output_(fd) {
    if (!output_.may_be_full())
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
    if (::epoll_ctl(watch_->fd().get(), operation, output_.used().get(), &wanted) < 0)
        system::throw_errno("epoll_ctl");
}

event::Awaitable<bool> Sink::room() {
    // Watch only during the wait: otherwise each read by the reader would cause an event.
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
