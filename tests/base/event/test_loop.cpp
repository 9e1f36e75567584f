#include "base/event/loop.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>

#include "base/event/timer.hpp"

namespace notifybridge::event {

BOOST_AUTO_TEST_SUITE(loop_of_events)

BOOST_AUTO_TEST_CASE(an_event_loop_without_work_ends) {
    Loop loop;
    int turns = 0;
    loop.spawn([&]() -> Awaitable<> {
        ++turns;
        co_await loop.yield();
        ++turns;
    });
    loop.run();
    BOOST_TEST(turns == 2);
}

BOOST_AUTO_TEST_CASE(a_call_of_stop_ends_the_event_loop) {
    Loop loop;
    Timer timer(loop);
    loop.spawn([&]() -> Awaitable<> { co_await timer.sleep(std::chrono::microseconds::max()); });
    loop.spawn([&]() -> Awaitable<> {
        co_await loop.yield();
        loop.stop();
    });
    loop.run();
}

BOOST_AUTO_TEST_CASE(yield_lets_other_coroutines_run) {
    Loop loop;
    std::string order;
    const auto speak = [&](char name) -> Awaitable<> {
        order += name;
        co_await loop.yield();
        order += name;
    };
    loop.spawn([&] { return speak('a'); });
    loop.spawn([&] { return speak('b'); });
    loop.run();
    BOOST_TEST(order == "abab");
}

BOOST_AUTO_TEST_CASE(run_rethrows_an_exception_of_a_coroutine) {
    Loop loop;
    Timer timer(loop);
    loop.spawn([&]() -> Awaitable<> { co_await timer.sleep(std::chrono::microseconds::max()); });
    loop.spawn([&]() -> Awaitable<> {
        co_await loop.yield();
        throw std::runtime_error("on purpose");
    });
    BOOST_CHECK_EXCEPTION(loop.run(), std::runtime_error, [](const std::runtime_error& error) {
        return std::string(error.what()) == "on purpose";
    });
}

BOOST_AUTO_TEST_CASE(the_cancellation_of_a_coroutine_is_not_a_failure) {
    Loop loop;
    bool went_on = false;
    loop.spawn([]() -> Awaitable<> {
        throw boost::system::system_error(asio::error::operation_aborted);
        co_return;
    });
    loop.spawn([&]() -> Awaitable<> {
        co_await loop.yield();
        went_on = true;
    });
    loop.run();
    BOOST_TEST(went_on);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
