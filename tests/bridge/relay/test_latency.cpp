#include "bridge/relay/latency.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::relay {

BOOST_AUTO_TEST_SUITE(latency)

BOOST_AUTO_TEST_CASE(the_latency_is_unknown_before_the_first_message) {
    Latency latency;
    BOOST_TEST(latency.usec() == 0u);
    latency.add(0);
    BOOST_TEST(latency.usec() == 1u);
}

BOOST_AUTO_TEST_CASE(the_latencies_of_the_first_hundred_messages_count_equally) {
    Latency latency;
    for (int count = 0; count < 50; ++count) {
        latency.add(10);
        latency.add(30);
    }
    BOOST_TEST(latency.usec() == 20u);
}

BOOST_AUTO_TEST_CASE(old_latencies_no_longer_count) {
    Latency latency;
    latency.add(5'000'000);
    for (int count = 0; count < 2000; ++count)
        latency.add(100);
    BOOST_TEST(latency.usec() == 100u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
