#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>

namespace notifybridge::event {

namespace asio = boost::asio;

/// The loop's own, known at compile time: any_io_executor, Asio's default, is copied and asked
/// through pointers, several times for each event.
using Executor = asio::io_context::executor_type;

template <typename T = void>
using Awaitable = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> use_awaitable;

/// The one thread's event loop.
class Loop {
public:
    Loop() = default;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    asio::io_context& context() { return context_; }

    /// Runs the coroutine that `start` makes. Whoever spawns it outlives it. An exception that
    /// leaves it stops the loop and is thrown by `run`; a cancellation is no error.
    void spawn(std::function<Awaitable<>()> start);

    /// Runs until `stop` or until nothing is left to wait for.
    void run();

    void stop() { context_.stop(); }

    /// Lets others have their turn.
    Awaitable<> yield();

private:
    asio::io_context context_{1};
    std::exception_ptr failure_;
};

}  // namespace notifybridge::event
