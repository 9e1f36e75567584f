#include "base/system/random_id.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::system {

BOOST_AUTO_TEST_SUITE(random_id)

BOOST_AUTO_TEST_CASE(a_random_id_is_written_in_hexadecimal) {
    RandomId id;
    id.bytes.front() = std::byte{0x0A};
    id.bytes.back() = std::byte{0xF1};
    BOOST_TEST(to_string(id) == "0a0000000000000000000000000000f1");
    BOOST_TEST((parse_random_id(to_string(id)) == id));
}

BOOST_AUTO_TEST_CASE(two_random_ids_differ) {
    BOOST_TEST((make_random_id() != make_random_id()));
}

BOOST_AUTO_TEST_CASE(a_random_id_has_exactly_32_digits) {
    const std::string digits(32, 'a');
    BOOST_TEST(!parse_random_id("").has_value());
    BOOST_TEST(!parse_random_id(digits.substr(1)).has_value());
    BOOST_TEST(!parse_random_id(digits + "a").has_value());
    BOOST_TEST(!parse_random_id(digits.substr(1) + "g").has_value());
    BOOST_TEST(!parse_random_id("-1" + digits.substr(2)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
