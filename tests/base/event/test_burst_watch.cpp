#include "base/event/burst_watch.hpp"

#include <boost/test/unit_test.hpp>

#include "support/still_loop.hpp"

namespace notifybridge::event {
namespace {

using namespace std::chrono_literals;

struct BurstScene {
    BurstScene() {
        loop.spawn([this]() -> Awaitable<> {
            for (;;) {
                co_await watch.over();
                ++ends;
            }
        });
        loop.settle();
    }

    /// Counts messages for 10 s, at `messages` in each span.
    void send(std::uint64_t messages) {
        for (auto time = 0ms; time < 10s; time += BurstWatch::span) {
            watch.count(messages);
            loop.pass(BurstWatch::span);
        }
    }

    test::StillLoop loop;
    BurstWatch watch{loop};
    int ends = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(burst_watch, BurstScene)

BOOST_AUTO_TEST_CASE(messages_alone_begin_no_burst) {
    send(1000);
    BOOST_TEST(ends == 0);
}

BOOST_AUTO_TEST_CASE(a_burst_without_more_messages_ends_once) {
    watch.begin();
    watch.begin();
    loop.pass(BurstWatch::span - 1ms);
    BOOST_TEST(ends == 0);
    loop.pass(1ms);
    BOOST_TEST(ends == 1);
    loop.pass(10s);
    BOOST_TEST(ends == 1);
}

BOOST_AUTO_TEST_CASE(a_burst_lasts_while_many_messages_come) {
    watch.begin();
    loop.settle();
    send(BurstWatch::few_messages);
    BOOST_TEST(ends == 0);
    loop.pass(BurstWatch::span);
    BOOST_TEST(ends == 1);
}

BOOST_AUTO_TEST_CASE(few_messages_do_not_extend_a_burst) {
    watch.begin();
    loop.settle();
    send(BurstWatch::few_messages - 1);
    BOOST_TEST(ends == 1);
}

BOOST_AUTO_TEST_CASE(each_burst_has_an_end) {
    for (int bursts = 1; bursts <= 3; ++bursts) {
        watch.begin();
        loop.settle();
        loop.pass(BurstWatch::span);
        BOOST_TEST(ends == bursts);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
