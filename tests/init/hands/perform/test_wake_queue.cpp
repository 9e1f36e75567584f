#include "init/hands/perform/wake_queue.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::perform {
namespace {

constexpr std::uint64_t second = 1'000'000;
constexpr std::uint64_t minute = 60 * second;
constexpr std::uint64_t offset = 23 * second + 456'789;

}  // namespace

BOOST_AUTO_TEST_SUITE(wake_queue)

BOOST_AUTO_TEST_CASE(wake_ups_of_timers_are_at_the_same_point_of_each_minute) {
    BOOST_TEST(shared_wake_time(10 * minute, 11 * minute, offset) == 10 * minute + offset);
    BOOST_TEST(shared_wake_time(10 * minute + 30 * second, 11 * minute + 30 * second, offset)
               == 11 * minute + offset);
}

BOOST_AUTO_TEST_CASE(timers_of_short_accuracy_share_more_frequent_wake_ups) {
    BOOST_TEST(shared_wake_time(10 * minute, 10 * minute + 10 * second, offset)
               == 10 * minute + 3 * second + 456'789);
    BOOST_TEST(shared_wake_time(10 * minute, 10 * minute + second, offset)
               == 10 * minute + 456'789);
    BOOST_TEST(shared_wake_time(10 * minute, 10 * minute + 250'000, offset)
               == 10 * minute + 206'789);
    BOOST_TEST(shared_wake_time(10 * minute, 10 * minute + 100, offset) == 10 * minute + 100);
    BOOST_TEST(shared_wake_time(10 * minute, 10 * minute + 1, offset) == 10 * minute);
}

BOOST_AUTO_TEST_CASE(the_wake_up_of_a_timer_is_within_its_accuracy) {
    for (std::uint64_t earliest = 1; earliest < 200 * second; earliest = earliest * 3 + 7)
        for (std::uint64_t span = 1; span < 100 * second; span = span * 5 + 3) {
            const std::uint64_t time = shared_wake_time(earliest, earliest + span, offset);
            BOOST_TEST(time >= earliest);
            BOOST_TEST(time <= earliest + span);
        }
}

BOOST_AUTO_TEST_CASE(the_common_point_of_wake_ups_derives_from_the_boot_id) {
    BOOST_TEST(wake_offset("") == 0u);
    BOOST_TEST(wake_offset("rubbish") == 0u);
    BOOST_TEST(wake_offset("01000000000000000000000000000000") == 1u);
    BOOST_TEST(wake_offset("01000000000000000300000000000000") == 2u);
    BOOST_TEST(wake_offset("ffffffffffffffff0000000000000000") < minute);
}

BOOST_AUTO_TEST_CASE(timers_with_a_common_span_share_a_wake_up) {
    WakeQueue queue(offset);
    BOOST_TEST(queue.next() == 0u);
    for (std::uint64_t number = 1; number <= 1000; ++number)
        queue.set(number, 10 * minute + number * 1000, std::chrono::minutes(1));
    const std::uint64_t wake_up = queue.next();
    BOOST_TEST(wake_up == 10 * minute + offset);
    unsigned due = 0;
    while (queue.take_due(wake_up))
        ++due;
    BOOST_TEST(due == 1000u);
    BOOST_TEST(queue.next() == 0u);
}

BOOST_AUTO_TEST_CASE(an_exact_timer_is_not_late_because_of_others) {
    WakeQueue queue(offset);
    queue.set(1, 10 * minute, std::chrono::hours(1));
    queue.set(2, 10 * minute + 5 * second, util::TimeSpan(1));
    BOOST_TEST(queue.next() <= 10 * minute + 5 * second + 1);
    BOOST_TEST(queue.next() >= 10 * minute);
    queue.remove(1);
    BOOST_TEST(queue.next() == 10 * minute + 5 * second);
    queue.set(2, 20 * minute, util::infinity);
    BOOST_TEST(queue.next() >= 20 * minute);
    BOOST_TEST(!queue.take_due(20 * minute - 1));
    BOOST_TEST(queue.take_due(20 * minute).value() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
