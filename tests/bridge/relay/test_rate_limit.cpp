#include "bridge/relay/rate_limit.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::relay::test_rate_limit {
namespace {

constexpr std::uint64_t second = 1'000'000;
constexpr std::uint64_t start = 1000 * second;

/// Returns how many messages pass from `begin` to `end` (µs) at the highest allowed rate.
std::uint64_t count_of(RateLimit& limit, std::uint64_t begin, std::uint64_t end) {
    std::uint64_t count = 0;
    for (std::uint64_t now = begin; now < end; ++count) {
        now += static_cast<std::uint64_t>(limit.delay(now).count());
        limit.take(now);
    }
    return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rate_limit)

BOOST_AUTO_TEST_CASE(messages_in_a_burst_are_not_delayed) {
    RateLimit limit(10'000, 100'000);
    for (int count = 0; count < 100'000; ++count) {
        BOOST_TEST_REQUIRE(limit.delay(start).count() == 0);
        limit.take(start);
    }
}

BOOST_AUTO_TEST_CASE(messages_after_a_burst_are_limited_to_the_rate) {
    RateLimit limit(10'000, 100'000);
    const std::uint64_t count = count_of(limit, start, start + 10 * second);
    BOOST_TEST(count > 199'000u);
    BOOST_TEST(count < 201'000u);
}

BOOST_AUTO_TEST_CASE(a_delay_of_messages_lasts_at_least_ten_milliseconds) {
    RateLimit limit(10'000, 0);
    int delays = 0;
    for (std::uint64_t now = start; now < start + second;) {
        const auto delay = limit.delay(now);
        delays += delay.count() != 0;
        BOOST_TEST((delay.count() == 0 || delay.count() >= 10'000));
        now += static_cast<std::uint64_t>(delay.count());
        limit.take(now);
    }
    BOOST_TEST(delays <= 100);
    BOOST_TEST(delays > 50);
}

BOOST_AUTO_TEST_CASE(messages_within_the_rate_are_never_delayed) {
    RateLimit limit(10'000, 0);
    for (std::uint64_t now = start; now < start + 10 * second; now += 100) {
        BOOST_TEST_REQUIRE(limit.delay(now).count() == 0);
        limit.take(now);
    }
}

BOOST_AUTO_TEST_CASE(a_pause_allows_another_burst_of_messages) {
    RateLimit limit(10, 20);
    BOOST_TEST(count_of(limit, start, start + second) >= 29u);
    BOOST_TEST(limit.delay(start + second).count() != 0);
    BOOST_TEST(count_of(limit, start + 10 * second, start + 11 * second) >= 29u);
}

BOOST_AUTO_TEST_CASE(a_rate_of_zero_means_no_limit) {
    RateLimit limit(0, 0);
    for (int count = 0; count < 1'000'000; ++count)
        limit.take(start);
    BOOST_TEST(limit.delay(start).count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay::test_rate_limit
