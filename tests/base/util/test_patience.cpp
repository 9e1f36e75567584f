#include "base/util/patience.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::util {

BOOST_AUTO_TEST_SUITE(patience)

BOOST_AUTO_TEST_CASE(at_first_the_whole_time_budget_is_left) {
    BOOST_TEST(Patience(1000).left(0) == 1000u);
    BOOST_TEST(Patience(1000).left(1'000'000) == 1000u);
}

BOOST_AUTO_TEST_CASE(a_tenth_of_the_passed_time_returns_to_the_budget) {
    Patience left(1000);
    left.spend(5000, 400);
    BOOST_TEST(left.left(5000) == 600u);
    BOOST_TEST(left.left(7000) == 800u);
    BOOST_TEST(left.left(9000) == 1000u);
    BOOST_TEST(left.left(90'000) == 1000u);
}

BOOST_AUTO_TEST_CASE(small_spans_spent_from_the_budget_add_up) {
    Patience left(1000);
    for (std::uint64_t now = 1000; now < 1100; ++now)
        left.spend(now, 1);
    BOOST_TEST(left.left(1100) == 910u);
}

BOOST_AUTO_TEST_CASE(the_rest_of_a_time_budget_is_never_negative) {
    Patience left(1000);
    left.spend(5000, 3000);
    BOOST_TEST(left.left(5000) == 0u);
    BOOST_TEST(left.left(25'000) == 0u);
    BOOST_TEST(left.left(30'000) == 500u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
