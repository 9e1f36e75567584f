#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>

namespace notifybridge::event {

namespace asio = boost::asio;

/// The loop's executor as a type known at compile time. Asio's default, any_io_executor, would be
/// copied and called through pointers several times per event.
using Executor = asio::io_context::executor_type;

template <typename T = void>
using Awaitable = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> use_awaitable;

/// The event loop. There is one loop, because this process has only one thread.
class Loop {
public:
    Loop() = default;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    asio::io_context& context() { return context_; }

    /// Runs the coroutine that `start` returns. The caller must outlive the coroutine. If an
    /// exception leaves the coroutine, the loop stops and `run` rethrows the exception. A
    /// cancellation is not an error.
    void spawn(std::function<Awaitable<>()> start);

    /// Runs until `stop` is called, or until there is nothing left to wait for.
    void run();

    void stop() { context_.stop(); }

    /// Lets other coroutines run first.
    Awaitable<> yield();

private:
    asio::io_context context_{1};
    std::exception_ptr failure_;
};

}  // namespace notifybridge::event
