#include "bridge/probe/ports.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::probe {

BOOST_AUTO_TEST_SUITE(ports)

BOOST_AUTO_TEST_CASE(ports_and_ranges_are_read_in_any_order) {
    const auto found = parse_ports("443,80,2000-2002,80,2001");
    BOOST_TEST_REQUIRE(found.has_value());
    const Ports wanted = {80, 443, 2000, 2001, 2002};
    BOOST_TEST(*found == wanted, boost::test_tools::per_element());
    BOOST_TEST(parse_ports("1-65535")->size() == 65535u);
}

BOOST_AUTO_TEST_CASE(malformed_ports_are_refused) {
    for (const std::string_view text : {"", ",", "80,,81", "0", "65536", "x", "80-", "-80", "81-80",
                                        "0-5", "80-90-95", " 80", "80;81"})
        BOOST_TEST(!parse_ports(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(ports_are_written_as_ranges) {
    BOOST_TEST(describe({80}) == "port 80");
    BOOST_TEST(describe({65534, 65535}) == "ports 65534-65535");
    BOOST_TEST(describe({80, 443}) == "ports 80 and 443");
    BOOST_TEST(describe({80, 443, 2000, 2001}) == "ports 80, 443 and 2000-2001");
    BOOST_TEST(describe({80, 81}) == "ports 80-81");
}

BOOST_AUTO_TEST_CASE(a_long_list_of_ports_is_cut) {
    BOOST_TEST(describe({1, 3, 5, 7, 9, 11, 13, 15}) == "ports 1, 3, 5, 7, 9, 11, 13 and 15");
    Ports odd;
    for (std::uint16_t port = 1; port < 1000; port += 2)
        odd.push_back(port);
    BOOST_TEST(describe(odd) == "ports 1, 3, 5, 7, 9, 11, 13 and 493 more");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
