#include "notify/barrier.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace notifybridge::notify {

bool Barrier::open() noexcept {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        return false;
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
    return true;
}

system::Result<std::size_t> Barrier::send(Sender& to, std::optional<system::Credentials> as) {
    if (!write_end_ && !open())
        return system::last_error();
    const std::array<system::Fd, 1> fds = {write_end_};
    auto sent = to.send("BARRIER=1", fds, as);
    if (sent)
        write_end_.reset();
    return sent;
}

}  // namespace notifybridge::notify
