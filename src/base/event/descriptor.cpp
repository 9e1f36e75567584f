#include "base/event/descriptor.hpp"

#include <fcntl.h>

#include <boost/asio/redirect_error.hpp>

#include "base/system/error.hpp"

namespace notifybridge::event {

Descriptor::Descriptor(Loop& loop, system::UniqueFd fd) : descriptor_(loop.context()) {
    boost::system::error_code error;
    static_cast<void>(descriptor_.assign(fd.get(), error));
    if (error)
        system::throw_error(error.value(), "epoll_ctl");
    static_cast<void>(fd.release());
    // Set non-blocking mode once here. Otherwise Asio would set this mode for each wait. If a
    // system call filter forbids ioctl, each wait would then fail at once, and a loop around the
    // wait would never sleep.
    static_cast<void>(descriptor_.non_blocking(true, error));
    if (error)
        system::throw_error(error.value(), "ioctl FIONBIO");
}

Awaitable<bool> Descriptor::ready(asio::posix::descriptor_base::wait_type what) {
    boost::system::error_code error;
    co_await descriptor_.async_wait(what, asio::redirect_error(use_awaitable, error));
    co_return !error;
}

Awaitable<bool> Descriptor::readable() {
    return ready(asio::posix::descriptor_base::wait_read);
}

Awaitable<bool> Descriptor::writable() {
    return ready(asio::posix::descriptor_base::wait_write);
}

void Descriptor::cancel() {
    descriptor_.cancel();
}

system::UniqueFd Descriptor::release() {
    return system::UniqueFd(descriptor_.release());
}

bool watch(std::optional<Descriptor>& place, Loop& loop, system::UniqueFd fd) {
    try {
        place.emplace(loop, std::move(fd));
    } catch (const std::system_error&) {
        return false;
    }
    return true;
}

system::UniqueFd duplicate(system::Fd fd) {
    system::UniqueFd copy(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy)
        system::throw_errno("fcntl F_DUPFD_CLOEXEC");
    return copy;
}

}  // namespace notifybridge::event
