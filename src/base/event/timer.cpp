#include "base/event/timer.hpp"

#include <boost/asio/redirect_error.hpp>

namespace notifybridge::event {

Awaitable<bool> Timer::sleep(std::chrono::microseconds span) {
    timer_.expires_after(std::min<std::chrono::microseconds>(span, longest_span));
    boost::system::error_code error;
    co_await timer_.async_wait(asio::redirect_error(use_awaitable, error));
    co_return !error;
}

}  // namespace notifybridge::event
