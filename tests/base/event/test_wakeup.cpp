#include "base/event/wakeup.hpp"

#include <boost/test/unit_test.hpp>

#include "support/run_loop.hpp"

namespace notifybridge::event {
namespace {

struct Flag {
    Loop loop;
    Wakeup wakeup{loop};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wakeup_flag, Flag)

BOOST_AUTO_TEST_CASE(waiting_for_a_raised_flag_returns_at_once) {
    wakeup.raise();
    wakeup.raise();
    test::run(loop, [&]() -> Awaitable<> { co_await wakeup.wait(); });
}

BOOST_AUTO_TEST_CASE(raising_the_flag_ends_the_wait) {
    bool went_on = false;
    loop.spawn([&]() -> Awaitable<> {
        co_await wakeup.wait();
        went_on = true;
    });
    test::run(loop, [&]() -> Awaitable<> {
        co_await loop.yield();
        BOOST_TEST(!went_on);
        wakeup.raise();
        BOOST_TEST(!went_on);
        co_await test::until(loop, [&] { return went_on; });
    });
}

BOOST_AUTO_TEST_CASE(waiting_for_a_flag_lowers_the_flag) {
    int times = 0;
    loop.spawn([&]() -> Awaitable<> {
        for (;;) {
            co_await wakeup.wait();
            ++times;
        }
    });
    test::run(loop, [&]() -> Awaitable<> {
        for (int raised = 1; raised <= 3; ++raised) {
            wakeup.raise();
            wakeup.raise();
            co_await test::until(loop, [&] { return times == raised; });
            co_await loop.yield();
            BOOST_TEST(times == raised);
        }
    });
}

BOOST_AUTO_TEST_CASE(an_endless_wait_for_a_flag_is_destroyed_with_the_flag) {
    loop.spawn([&]() -> Awaitable<> { co_await wakeup.wait(); });
    test::run(loop, [&]() -> Awaitable<> { co_await loop.yield(); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
