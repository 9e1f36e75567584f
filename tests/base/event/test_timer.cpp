#include "base/event/timer.hpp"

#include <boost/test/unit_test.hpp>

#include "support/run_loop.hpp"

namespace notifybridge::event {
namespace {

struct Set {
    Loop loop;
    Timer timer{loop};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(timer, Set)

BOOST_AUTO_TEST_CASE(the_sleep_of_a_timer_is_never_too_short) {
    test::run(loop, [&]() -> Awaitable<> {
        const auto before = std::chrono::steady_clock::now();
        const bool slept = co_await timer.sleep(std::chrono::milliseconds(5));
        BOOST_TEST(slept);
        BOOST_TEST((std::chrono::steady_clock::now() - before >= std::chrono::milliseconds(5)));
    });
}

BOOST_AUTO_TEST_CASE(the_cancelled_sleep_of_a_timer_returns_false) {
    test::run(loop, [&]() -> Awaitable<> {
        loop.spawn([&]() -> Awaitable<> {
            co_await loop.yield();
            timer.cancel();
        });
        const bool slept = co_await timer.sleep(std::chrono::hours(1));
        BOOST_TEST(!slept);
    });
}

BOOST_AUTO_TEST_CASE(the_endless_sleep_of_a_timer_does_not_overflow) {
    test::run(loop, [&]() -> Awaitable<> {
        Timer other(loop);
        loop.spawn([&]() -> Awaitable<> {
            co_await other.sleep(std::chrono::milliseconds(1));
            timer.cancel();
        });
        const bool slept = co_await timer.sleep(std::chrono::microseconds::max());
        BOOST_TEST(!slept);
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
