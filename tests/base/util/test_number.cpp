#include "base/util/number.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>

namespace notifybridge::util {
namespace {

const char* const no_numbers[] = {"", " 1", "1 ", "+1", "1x", "0x10", "1.0", "-", "256", "-1"};

}  // namespace

BOOST_AUTO_TEST_SUITE(numbers)

BOOST_AUTO_TEST_CASE(a_number_of_any_type_or_base_is_parsed) {
    BOOST_TEST(parse_number<std::uint8_t>("255").value() == 255);
    BOOST_TEST(parse_number<int>("-12").value() == -12);
    BOOST_TEST(parse_number<std::uint64_t>("18446744073709551615").value() == UINT64_MAX);
    BOOST_TEST(parse_number<std::uint8_t>("fF", 16).value() == 255);
}

BOOST_DATA_TEST_CASE(invalid_texts_are_not_numbers, no_numbers, text) {
    BOOST_TEST(!parse_number<std::uint8_t>(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
