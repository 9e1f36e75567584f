#include "base/notify/blocking.hpp"

#include <poll.h>

#include <cerrno>

#include "base/notify/barrier.hpp"

namespace notifybridge::notify {
namespace {

/// Calls `send` until the peer is not busy. Returns the error of the last call, if any.
template <typename Send>
boost::system::error_code retry_while_busy(const Sender& to, Send send) {
    for (;;) {
        const Attempt sent = send();
        if (sent.outcome() != Attempt::Outcome::busy)
            return sent.error();
        const short awaited = to.awaits_reader() ? POLLIN : POLLOUT;
        pollfd ready{to.fd().get(), awaited, 0};
        ::poll(&ready, 1, -1);
    }
}

template <typename Send>
boost::system::error_code send_as_or_own(const Sender& to, std::optional<system::Credentials> as,
                                         Send send) {
    const auto error = retry_while_busy(to, [&] { return send(as); });
    if (!error || !as)
        return error;
    return retry_while_busy(to, [&] { return send(std::nullopt); });
}

}  // namespace

boost::system::error_code send_waiting(Sender& to, std::string_view datagram,
                                       std::span<const system::Fd> fds,
                                       std::optional<system::Credentials> as) {
    return send_as_or_own(to, as, [&](std::optional<system::Credentials> sender) {
        return to.send(datagram, fds, sender);
    });
}

boost::system::error_code wait_for_barrier(Sender& to, std::optional<system::Credentials> as,
                                           std::chrono::milliseconds patience) {
    Barrier barrier;
    const auto error = send_as_or_own(to, as, [&](std::optional<system::Credentials> sender) {
        return barrier.send(to, sender);
    });
    if (error)
        return error;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    pollfd passed{barrier.passed().get(), 0, 0};
    int ready;
    do {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        ready = ::poll(&passed, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    } while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return system::last_error();
    return ready > 0 ? boost::system::error_code() : system::error_of(ETIMEDOUT);
}

}  // namespace notifybridge::notify
