#include "base/event/deadline.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>

#include "support/run_loop.hpp"

namespace notifybridge::event {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Patience {
    Loop loop;
    Deadline deadline{loop};
    int expired = 0;
    Clock::time_point begun = Clock::now();

    Patience() {
        deadline.on_expired = [this] { ++expired; };
    }

    void until_expired() {
        test::run(loop, [this] { return test::until(loop, [this] { return expired > 0; }); });
    }

    void pass(std::chrono::milliseconds span) {
        const Clock::time_point end = Clock::now() + span;
        test::run(loop,
                  [this, end] { return test::until(loop, [end] { return Clock::now() > end; }); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(end_of_patience, Patience)

BOOST_AUTO_TEST_CASE(a_deadline_expires_once_and_not_too_early) {
    deadline.start(20ms);
    until_expired();
    BOOST_TEST((Clock::now() - begun >= 20ms));
    pass(30ms);
    BOOST_TEST(expired == 1);
}

BOOST_AUTO_TEST_CASE(an_extension_never_shortens_a_deadline) {
    deadline.start(20ms);
    deadline.extend(60ms);
    deadline.extend(1ms);
    until_expired();
    BOOST_TEST((Clock::now() - begun >= 60ms));
}

BOOST_AUTO_TEST_CASE(a_cancelled_deadline_never_expires) {
    deadline.start(10ms);
    deadline.cancel();
    deadline.extend(10ms);
    pass(30ms);
    BOOST_TEST(expired == 0);
}

BOOST_AUTO_TEST_CASE(a_deadline_can_be_restarted) {
    deadline.start(std::chrono::hours(1));
    deadline.start(10ms);
    until_expired();
    expired = 0;
    deadline.start(10ms);
    until_expired();
    BOOST_TEST(expired == 1);
}

BOOST_AUTO_TEST_CASE(an_infinite_deadline_never_expires) {
    deadline.start(std::chrono::microseconds::max());
    pass(10ms);
    deadline.start(10ms);
    deadline.extend(std::chrono::microseconds::max());
    pass(30ms);
    BOOST_TEST(expired == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
