#include "bridge/wrap/rotation_plan.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

namespace notifybridge::wrap {
namespace {

constexpr std::uint64_t least = RotationPlan::least_size;
constexpr std::uint64_t few = RotationPlan::few_unread;
constexpr std::uint64_t busy = RotationPlan::busy_size;
constexpr std::uint64_t much = 40 * 1024 * 1024;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rotation_plan, RotationPlan)

BOOST_AUTO_TEST_CASE(a_short_journal_is_not_rotated) {
    BOOST_TEST(!is_due(0, 0, Pace::calm));
    BOOST_TEST(!is_due(least - 1, 0, Pace::calm));
    BOOST_TEST(!is_due(least - 1, least - 1, Pace::calm));
    BOOST_TEST(!is_due(busy - 1, 0, Pace::busy));
    BOOST_TEST(!is_due(busy - 1, busy - 1, Pace::busy));
}

BOOST_AUTO_TEST_CASE(a_journal_of_the_minimum_size_is_checked_for_rotation) {
    BOOST_TEST(is_due(least, 0, Pace::calm));
    BOOST_TEST(is_due(least, least, Pace::calm));
    BOOST_TEST(is_due(busy, 0, Pace::busy));
    BOOST_TEST(is_due(busy, busy, Pace::busy));
}

BOOST_AUTO_TEST_CASE(a_journal_is_checked_again_only_after_more_growth) {
    looked(least);
    BOOST_TEST(!is_due(2 * least - 1, least, Pace::calm));
    BOOST_TEST(is_due(2 * least, least, Pace::calm));
    BOOST_TEST(!is_due(least + busy - 1, few + 1, Pace::busy));
    BOOST_TEST(is_due(least + busy, few + 1, Pace::busy));
    looked(2 * least);
    BOOST_TEST(!is_due(3 * least - 1, few + 1, Pace::calm));
}

BOOST_AUTO_TEST_CASE(a_fully_read_burst_is_rotated_without_new_messages) {
    looked(much);
    for (const Pace pace : {Pace::busy, Pace::calm}) {
        BOOST_TEST(!is_due(much, few + 1, pace));
        BOOST_TEST(is_due(much, few, pace));
        BOOST_TEST(is_due(much, 0, pace));
    }
}

BOOST_AUTO_TEST_CASE(a_journal_has_a_bound_during_a_burst) {
    // The reader never catches up. Each check that is due rotates the journal if this is worth it.
    for (const std::uint64_t unread : {few + 1, busy, much}) {
        std::uint64_t size = 0;
        for (std::uint64_t written = 0; written < 20 * much; written += few / 4) {
            size += few / 4;
            BOOST_TEST_REQUIRE(size <= busy + 2 * unread);
            if (!is_due(size, std::min(size, unread), Pace::busy))
                continue;
            if (is_worth_it(size, std::min(size, unread)))
                size = unread;
            looked(size);
        }
        all_is_read();
    }
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
        BOOST_TEST(!is_due(much, 0, Pace::busy));
        BOOST_TEST(!is_due(much, 0, Pace::calm));
        BOOST_TEST(is_due(much + least, much, Pace::calm));
        BOOST_TEST(is_wanted() == is_passing);
    }
    looked(least);
    BOOST_TEST(!has_failed());
    BOOST_TEST(!is_wanted());
    BOOST_TEST(is_due(least, 0, Pace::calm));
}

BOOST_AUTO_TEST_CASE(a_journal_without_a_reader_is_checked_at_once) {
    looked(much);
    all_is_read();
    BOOST_TEST(is_due(much, much, Pace::busy));
    BOOST_TEST(!is_due(least - 1, 0, Pace::calm));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
