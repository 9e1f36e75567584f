#include "base/util/lenient_number.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <optional>
#include <ostream>
#include <string>

#include "base/util/escape.hpp"

namespace notifybridge::util {
namespace {

struct Text {
    std::string text;
    std::optional<std::uint64_t> number;

    friend std::ostream& operator<<(std::ostream& out, const Text& text) {
        return out << quote(text.text);
    }
};

// Values of ERRNO and WATCHDOG_USEC that systemd 252 accepted from a unit.
const Text texts[] = {
    {"0", 0},
    {"4095", 4095},
    {"007", 7},
    {"08", {}},
    {"010", 8},
    {"0x10", 16},
    {"0X1f", 31},
    {"0b11", 3},
    {"0B11", 3},
    {"0o17", 15},
    {"0O17", 15},
    {"0b2", {}},
    {"0o8", {}},
    {"0x", {}},
    {"0b", {}},
    {"0o", {}},
    {"", {}},
    {" ", {}},
    {"x", {}},
    {" 7", 7},
    {"\t\r\n 7", 7},
    {"\v7", 7},
    {"\f7", 7},
    {"\x0E"
     "7",
     {}},
    {"7 ", {}},
    {"7us", {}},
    {"1.5", {}},
    {"1e1", {}},
    {"+5", 5},
    {"+-5", {}},
    {"+ 5", {}},
    {"-0", 0},
    {"- 0", {}},
    {"--0", {}},
    {"+0x9", 9},
    {"+0b1", {}},
    {"-0b0", {}},
    {"0b0b1", {}},
    {"+0o1", {}},
    {"0x0x1", {}},
    {" 0o17", 15},
    {"\v0b1", {}},
    {"0b 1", 1},
    {"0b+1", 1},
    {"0o-0", 0},
    {"0b0x1", {}},
    {"0o0x1", {}},
    {std::string(300, '0') + '5', 5},
    {"99999999999999999999", {}},
    {std::string("7\0", 2), {}},
    {std::string("7\0x", 3), {}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(lenient_number)

BOOST_DATA_TEST_CASE(a_number_is_read_as_systemd_reads_it, texts, text) {
    BOOST_TEST((parse_lenient_unsigned(text.text) == text.number));
    const auto as_int = parse_lenient_int(text.text);
    BOOST_TEST(as_int.has_value() == text.number.has_value());
    BOOST_TEST(static_cast<std::uint64_t>(as_int.value_or(0)) == text.number.value_or(0));
}

BOOST_AUTO_TEST_CASE(a_negative_number_is_not_an_unsigned_number) {
    for (const char* const text : {"-1", " -1", "-0x1", "0b-1", "0o-7", "-18446744073709551615"})
        BOOST_TEST(!parse_lenient_unsigned(text).has_value(), text);
    BOOST_TEST(parse_lenient_int("-1").value() == -1);
    BOOST_TEST(parse_lenient_int("0b-1").value() == -1);
}

BOOST_AUTO_TEST_CASE(a_number_that_does_not_fit_its_type_is_refused) {
    BOOST_TEST(parse_lenient_unsigned("18446744073709551615").value()
               == std::numeric_limits<std::uint64_t>::max());
    BOOST_TEST(!parse_lenient_unsigned("18446744073709551616").has_value());
    BOOST_TEST(parse_lenient_int("2147483647").value() == 2147483647);
    BOOST_TEST(parse_lenient_int("-2147483648").value() == std::numeric_limits<int>::min());
    for (const char* const text : {"2147483648", "-2147483649", "4294967298"})
        BOOST_TEST(!parse_lenient_int(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(invalid_and_out_of_range_numbers_cause_different_errors) {
    BOOST_TEST(read_lenient_unsigned("0x10").value == 16u);
    BOOST_TEST((read_lenient_unsigned("0x10").error == std::errc{}));
    for (const char* const text : {"", " ", "x", "08", "7 ", "0x", "0b2"})
        BOOST_TEST((read_lenient_unsigned(text).error == std::errc::invalid_argument), text);
    for (const char* const text : {"-1", "0b-1", "18446744073709551616"})
        BOOST_TEST((read_lenient_unsigned(text).error == std::errc::result_out_of_range), text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
