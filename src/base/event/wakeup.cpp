#include "base/event/wakeup.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

namespace notifybridge::event {

template <typename Handler>
struct Wakeup::WaiterFor : Waiter {
    WaiterFor(Loop& owner, Handler&& waiting) : loop(owner), handler(std::move(waiting)) {}

    void complete() override { asio::post(loop.context(), std::move(handler)); }

    Loop& loop;
    Handler handler;
};

void Wakeup::raise() {
    raised_ = true;
    if (const auto waiter = std::move(waiter_))
        waiter->complete();
}

Awaitable<> Wakeup::wait() {
    if (!raised_) {
        auto initiate = [this](auto handler) {
            waiter_ = std::make_unique<WaiterFor<decltype(handler)>>(loop_, std::move(handler));
        };
        co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
            initiate, use_awaitable);
    }
    raised_ = false;
}

}  // namespace notifybridge::event
