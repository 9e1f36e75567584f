#include "bridge/proxy/one_way.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace notifybridge::proxy {
namespace {

/// If a call moved fewer bytes than this, the socket is probably empty, and waiting is cheaper than
/// another call.
constexpr std::size_t likely_more = 16 * 1024;

ssize_t splice_some(int from, int to, std::size_t size) {
    return ::splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

/// Returns the state of a TCP connection (tcp(7), TCP_INFO). Returns zeros for other types of
/// sockets.
tcp_info connection_state(system::Fd socket) {
    tcp_info state{};
    socklen_t size = sizeof state;
    ::getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &state, &size);
    return state;
}

/// Returns whether the peer has not yet acknowledged all bytes that were sent.
bool has_unacknowledged_bytes(system::Fd socket) {
    int count = 0;
    if (::ioctl(socket.get(), SIOCOUTQ, &count) < 0)
        return false;
    // After a reset, the count keeps its value, so the state must be checked as well.
    return count > 0 && connection_state(socket).tcpi_state != TCP_CLOSE;
}

}  // namespace

void OneWay::begin_with_one_segment(system::Fd to) {
    // gVisor reports no size. It needs no limit, because it has no SYN cookies.
    if (const std::size_t size = connection_state(to).tcpi_snd_mss; size > 0)
        limit_ = size;
}

OneWay::Step OneWay::advance(system::Fd from, system::Fd to) {
    received_ = 0;
    if (has_ended_)
        return Step::ended;
    if (held_ > 0)
        return pass_on(to);
    if (awaits_acknowledgement_ && has_unacknowledged_bytes(to))
        return Step::wants_acknowledgement;
    awaits_acknowledgement_ = false;
    return receive(from, to);
}

OneWay::Step OneWay::receive(system::Fd from, system::Fd to) {
    if (!pipe_)
        pipe_ = pool_.take();
    if (!pipe_)
        return Step::wants_pipe;
    // The empty pipe has room, so EAGAIN means that the socket has no bytes.
    const ssize_t size = splice_some(from.get(), pipe_->writing.get(), limit_);
    if (size > 0) {
        held_ = received_ = static_cast<std::size_t>(size);
        awaits_acknowledgement_ = std::exchange(limit_, most_at_once) != most_at_once;
        return pass_on(to);
    }
    if (size < 0 && errno == EINTR)
        return Step::moved;
    const int error = size < 0 ? errno : 0;
    return_pipe();
    if (error == EAGAIN)
        return Step::wants_input;
    if (error != 0 || expects_failure_)
        return Step::input_failed;
    has_ended_ = true;
    ::shutdown(to.get(), SHUT_WR);
    return Step::ended;
}

OneWay::Step OneWay::pass_on(system::Fd to) {
    const ssize_t size = splice_some(pipe_->reading.get(), to.get(), held_);
    if (size < 0 && errno == EAGAIN)
        return Step::wants_room;
    if (size < 0 && errno != EINTR) {
        was_broken_ = errno != EPIPE;
        held_ = 0;
        pipe_.reset();
        return Step::output_failed;
    }
    held_ -= size < 0 ? 0 : static_cast<std::size_t>(size);
    if (held_ > 0)
        return Step::moved;
    return_pipe();
    return received_ > 0 && received_ < likely_more ? Step::wants_input : Step::moved;
}

void OneWay::return_pipe() {
    pool_.put_back(std::move(*pipe_));
    pipe_.reset();
}

}  // namespace notifybridge::proxy
