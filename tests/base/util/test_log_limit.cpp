#include "base/util/log_limit.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::util {
namespace {

constexpr std::uint64_t second = 1'000'000;

}  // namespace

BOOST_AUTO_TEST_SUITE(log_limit)

BOOST_AUTO_TEST_CASE(each_text_is_logged_at_most_once_a_second) {
    LogLimit limit;
    BOOST_TEST(limit.allows("a", 5));
    BOOST_TEST(!limit.allows("a", 6));
    BOOST_TEST(limit.allows("b", 6));
    BOOST_TEST(!limit.allows("a", 4 + second));
    BOOST_TEST(limit.allows("a", 5 + second));
    BOOST_TEST(!limit.allows("a", 6 + second));
}

BOOST_AUTO_TEST_CASE(at_most_eight_texts_a_second_are_logged) {
    LogLimit limit;
    int said = 0;
    for (int text = 0; text < 100; ++text)
        said += limit.allows(std::to_string(text), 5);
    BOOST_TEST(said == 8);
    BOOST_TEST(limit.allows("100", 5 + second));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
