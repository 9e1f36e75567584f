#include "base/util/concat.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>

namespace notifybridge::util {

BOOST_AUTO_TEST_SUITE(concatenation)

BOOST_AUTO_TEST_CASE(texts_characters_and_numbers_are_joined) {
    BOOST_TEST(concat("pid ", 42, ':', std::string("x"), std::string_view("y")) == "pid 42:xy");
}

BOOST_AUTO_TEST_CASE(the_widest_numbers_are_joined_completely) {
    BOOST_TEST(concat(std::numeric_limits<std::int64_t>::min(), ' ',
                      std::numeric_limits<std::uint64_t>::max())
               == "-9223372036854775808 18446744073709551615");
}

BOOST_AUTO_TEST_CASE(a_joined_text_may_contain_nul_bytes) {
    BOOST_TEST(concat('a', '\0', std::string_view("\0b", 2)).size() == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
