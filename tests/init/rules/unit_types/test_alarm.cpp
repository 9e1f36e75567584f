#include "init/rules/unit_types/alarm.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::unit_types {

BOOST_AUTO_TEST_SUITE(alarm)

BOOST_AUTO_TEST_CASE(an_alarm_with_a_span_is_due_after_this_span) {
    Alarm alarm;
    BOOST_TEST(!alarm.is_due(1000));
    alarm.set(1000, util::TimeSpan(10));
    BOOST_TEST(!alarm.is_due(1009));
    BOOST_TEST(alarm.is_due(1010));
    alarm.set(1000, util::infinity);
    BOOST_TEST(alarm.moment() == 0u);
}

BOOST_AUTO_TEST_CASE(an_alarm_beyond_the_range_of_the_clock_is_never_due) {
    const util::TimeSpan longest = util::infinity - util::TimeSpan(1);
    Alarm alarm;
    alarm.set(1'000'000, longest);
    BOOST_TEST(!alarm.is_due(std::uint64_t(1) << 62));
    alarm.set(1'000'000, util::TimeSpan(1));
    alarm.extend(1'000'000, longest);
    BOOST_TEST(!alarm.is_due(std::uint64_t(1) << 62));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
