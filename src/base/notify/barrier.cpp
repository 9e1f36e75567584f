#include "base/notify/barrier.hpp"

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

Attempt Barrier::send(Sender& to, std::optional<system::Credentials> as) {
    if (!write_end_ && !open())
        return failed_to_connect(system::last_error());
    const std::array<system::Fd, 1> fds = {write_end_};
    const Attempt sent = to.send("BARRIER=1", fds, as);
    if (sent)
        write_end_.reset();
    return sent;
}

Attempt Barrier::pass() {
    if (!write_end_ && !open())
        return failed_to_connect(system::last_error());
    write_end_.reset();
    return {};
}

}  // namespace notifybridge::notify
