#include "bridge/channel/lane.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::channel {
namespace {

using Names = std::vector<std::string>;

bool is_refused(std::string_view text) {
    return !decode_lane_packet(text).has_value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lane_of_descriptors)

BOOST_AUTO_TEST_CASE(packets_of_the_fd_lane_round_trip) {
    for (const LanePacket& packet :
         {LanePacket{LanePacket::Kind::fds, 18'446'744'073'709'551'615u, {}},
          LanePacket{LanePacket::Kind::listen, 0, {"http", "", "a b"}},
          LanePacket{LanePacket::Kind::listen, 0, {"one"}}})
        BOOST_TEST((decode_lane_packet(encode(packet)) == packet));
}

BOOST_AUTO_TEST_CASE(an_invalid_packet_of_the_fd_lane_is_refused) {
    for (const char* const text :
         {"", "FDS", "FDS ", "FDS x", "FDS 1 ", "FDS -1", "fds 1", "LISTEN", "LISTEN a\nb",
          "LISTEN \xc3\xa4", "MAINPID=1", "FDS 18446744073709551616"})
        BOOST_TEST(is_refused(text), text);
    BOOST_TEST(is_refused("LISTEN " + std::string(253, ':')));
    BOOST_TEST(is_refused("LISTEN " + std::string(256, 'x')));
    BOOST_TEST(!is_refused("LISTEN " + std::string(252, ':')));
}

BOOST_AUTO_TEST_CASE(each_passed_descriptor_has_a_name) {
    BOOST_TEST((parse_fd_names("a:b", 2) == Names{"a", "b"}));
    BOOST_TEST((parse_fd_names("", 2) == Names{"unknown", "unknown"}));
    BOOST_TEST((parse_fd_names("a", 2) == Names{"a", "unknown"}));
    BOOST_TEST((parse_fd_names("a:b:c", 2) == Names{"a", "b"}));
    BOOST_TEST((parse_fd_names("a:\x1b", 2) == Names{"a", "unknown"}));
    BOOST_TEST(join_fd_names({"a", "", "b"}) == "a::b");
}

BOOST_AUTO_TEST_CASE(each_run_has_a_different_lane_name) {
    BOOST_TEST(lane_name(system::make_random_id()) != lane_name(system::make_random_id()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel
