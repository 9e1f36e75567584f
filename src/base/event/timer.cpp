#include "base/event/timer.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace notifybridge::event {

Awaitable<bool> Timer::sleep(std::chrono::microseconds span) {
    // By a longer span the clock would overflow.
    constexpr std::chrono::hours longest(24 * 365 * 100);
    timer_.expires_after(std::min<std::chrono::microseconds>(span, longest));
    boost::system::error_code error;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
}

}  // namespace notifybridge::event
