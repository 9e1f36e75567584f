#include "notify/barrier.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace notifybridge::notify {

Barrier::Barrier() {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        system::throw_errno("pipe2");
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
}

system::Result<std::size_t> Barrier::send(Sender& to, std::optional<system::Credentials> as) {
    const std::array<system::Fd, 1> fds = {write_end_};
    auto sent = to.send("BARRIER=1", fds, as);
    if (sent)
        write_end_.reset();
    return sent;
}

}  // namespace notifybridge::notify
