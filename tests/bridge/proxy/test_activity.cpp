#include "bridge/proxy/activity.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::proxy {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(activity)

BOOST_AUTO_TEST_CASE(a_silent_client_is_not_waiting_after_a_pause) {
    const Activity activity(10s);
    BOOST_TEST(activity.is_busy(10s));
    BOOST_TEST(!activity.is_busy(11s));
}

BOOST_AUTO_TEST_CASE(a_client_without_an_answer_is_waiting) {
    Activity activity(10s);
    activity.client_sent(12s);
    BOOST_TEST(activity.is_busy(12s));
    BOOST_TEST(activity.is_busy(1h));
}

BOOST_AUTO_TEST_CASE(an_answer_ends_when_the_app_pauses) {
    Activity activity(10s);
    activity.client_sent(12s);
    activity.app_sent(20s);
    BOOST_TEST(activity.is_busy(20s + 999ms));
    BOOST_TEST(!activity.is_busy(21s));
    activity.app_sent(30s);
    BOOST_TEST(activity.is_busy(30s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
