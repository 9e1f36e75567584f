#include "base/event/poller.hpp"

#include <sys/epoll.h>

#include <array>

#include "base/system/error.hpp"

namespace notifybridge::event {

Poller::Poller(Loop& loop) : loop_(loop) {
    system::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll)
        system::throw_errno("epoll_create1");
    epoll_.emplace(loop, std::move(epoll));
}

boost::system::error_code Poller::add(system::Fd fd, std::uint32_t events,
                                      std::function<void()> on_ready) {
    epoll_event wanted{};
    wanted.events = events;
    // An event for an earlier descriptor with the same number may still be pending. The serial
    // distinguishes the two descriptors.
    const std::uint32_t serial = ++last_serial_;
    wanted.data.u64 = std::uint64_t(serial) << 32 | static_cast<std::uint32_t>(fd.get());
    if (::epoll_ctl(epoll_->fd().get(), EPOLL_CTL_ADD, fd.get(), &wanted) < 0)
        return system::last_error();
    calls_[fd.get()] = {serial, std::move(on_ready)};
    return {};
}

void Poller::remove(system::Fd fd) {
    if (calls_.erase(fd.get()) > 0)
        ::epoll_ctl(epoll_->fd().get(), EPOLL_CTL_DEL, fd.get(), nullptr);
}

Awaitable<> Poller::run() {
    for (;;) {
        co_await epoll_->readable();
        std::array<epoll_event, 64> events;
        const int count =
            ::epoll_wait(epoll_->fd().get(), events.data(), static_cast<int>(events.size()), 0);
        for (int at = 0; at < count; ++at) {
            // An earlier callback in this loop may have removed the descriptor of this event.
            const std::uint64_t data = events[static_cast<std::size_t>(at)].data.u64;
            const auto call = calls_.find(static_cast<int>(data));
            if (call == calls_.end() || call->second.serial != data >> 32)
                continue;
            const auto on_ready = call->second.on_ready;
            on_ready();
        }
        if (on_round)
            on_round();
        co_await loop_.yield();
    }
}

}  // namespace notifybridge::event
