#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>

#include "event/loop.hpp"
#include "event/timer.hpp"

namespace notifybridge::test {

/// Runs `loop` until the coroutine that `body` makes returns. One that takes ten seconds has
/// failed.
inline void run(event::Loop& loop, const std::function<event::Awaitable<>()>& body) {
    constexpr std::chrono::seconds limit(10);
    bool done = false;
    event::Timer timer(loop);
    loop.spawn([&]() -> event::Awaitable<> {
        co_await body();
        done = true;
        loop.stop();
    });
    loop.spawn([&]() -> event::Awaitable<> {
        const bool is_over = co_await timer.sleep(limit);
        if (is_over)
            loop.stop();
    });
    loop.run();
    BOOST_TEST_REQUIRE(done, "what was waited for has not come");
}

/// Looks every millisecond until `condition` holds.
inline event::Awaitable<> until(event::Loop& loop, std::function<bool()> condition) {
    event::Timer timer(loop);
    while (!condition())
        co_await timer.sleep(std::chrono::milliseconds(1));
}

}  // namespace notifybridge::test
