#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "base/event/loop.hpp"
#include "base/event/timer.hpp"

namespace notifybridge::test {

/// Runs `loop` until the coroutine that `body` returns has ended. The test fails after a minute.
/// This limit is high, because all processors may be busy. The loop can run again later.
inline void run(event::Loop& loop, const std::function<event::Awaitable<>()>& body) {
    struct Limit {
        explicit Limit(event::Loop& limited) : timer(limited) {}

        event::Timer timer;
        bool done = false;
    };
    // The coroutine below may outlive this function, so it shares the limit.
    const auto limit = std::make_shared<Limit>(loop);
    loop.spawn([&loop, &body, limit]() -> event::Awaitable<> {
        co_await body();
        limit->done = true;
        limit->timer.cancel();
        loop.stop();
    });
    loop.spawn([&loop, limit]() -> event::Awaitable<> {
        if (limit->done)
            co_return;
        const bool is_over = co_await limit->timer.sleep(std::chrono::minutes(1));
        if (is_over)
            loop.stop();
    });
    loop.run();
    loop.context().restart();
    BOOST_TEST_REQUIRE(limit->done, "the coroutine did not end within a minute");
}

/// Waits until `condition` is true. Checks `condition` every millisecond.
inline event::Awaitable<> until(event::Loop& loop, std::function<bool()> condition) {
    event::Timer timer(loop);
    while (!condition())
        co_await timer.sleep(std::chrono::milliseconds(1));
}

}  // namespace notifybridge::test
