#include "bridge/wrap/rotation_plan.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::wrap {
namespace {

constexpr std::uint64_t least = RotationPlan::least_size;
constexpr std::uint64_t few = RotationPlan::few_unread;
constexpr std::uint64_t much = 40 * 1024 * 1024;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rotation_plan, RotationPlan)

BOOST_AUTO_TEST_CASE(a_short_journal_is_not_rotated) {
    BOOST_TEST(!is_due(0, 0));
    BOOST_TEST(!is_due(least - 1, 0));
    BOOST_TEST(!is_due(least - 1, least - 1));
}

BOOST_AUTO_TEST_CASE(a_journal_of_the_minimum_size_is_checked_for_rotation) {
    BOOST_TEST(is_due(least, 0));
    BOOST_TEST(is_due(least, least));
}

BOOST_AUTO_TEST_CASE(a_journal_is_checked_again_only_after_more_growth) {
    looked(least);
    BOOST_TEST(!is_due(2 * least - 1, least));
    BOOST_TEST(is_due(2 * least, least));
    looked(2 * least);
    BOOST_TEST(!is_due(3 * least - 1, few + 1));
}

BOOST_AUTO_TEST_CASE(a_fully_read_burst_is_rotated_without_new_messages) {
    looked(much);
    BOOST_TEST(!is_due(much, few + 1));
    BOOST_TEST(is_due(much, few));
    BOOST_TEST(is_due(much, 0));
}

BOOST_AUTO_TEST_CASE(a_rotation_is_worthwhile_if_half_was_read) {
    BOOST_TEST(is_worth_it(10, 0));
    BOOST_TEST(is_worth_it(10, 5));
    BOOST_TEST(!is_worth_it(10, 6));
}

BOOST_AUTO_TEST_CASE(a_failed_rotation_is_not_retried_at_each_message) {
    for (const bool is_passing : {false, true}) {
        failed(much, is_passing);
        BOOST_TEST(has_failed());
        BOOST_TEST(!is_due(much, 0));
        BOOST_TEST(is_due(much + least, much));
        BOOST_TEST(is_wanted() == is_passing);
    }
    looked(least);
    BOOST_TEST(!has_failed());
    BOOST_TEST(!is_wanted());
    BOOST_TEST(is_due(least, 0));
}

BOOST_AUTO_TEST_CASE(a_journal_without_a_reader_is_checked_at_once) {
    looked(much);
    all_is_read();
    BOOST_TEST(is_due(much, much));
    BOOST_TEST(!is_due(least - 1, 0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
