#include "base/event/loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace notifybridge::event {
namespace {

bool is_cancellation(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

void Loop::spawn(std::function<Awaitable<>()> start) {
    asio::co_spawn(context_, std::move(start), [this](const std::exception_ptr& failure) {
        if (!failure || is_cancellation(failure) || failure_)
            return;
        failure_ = failure;
        context_.stop();
    });
}

Awaitable<> Loop::yield() {
    co_await asio::post(context_, use_awaitable);
}

void Loop::run() {
    context_.run();
    if (failure_)
        std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace notifybridge::event
