#include "base/system/listeners.hpp"

#include <endian.h>

#include <boost/test/unit_test.hpp>
#include <ostream>

#include "base/util/concat.hpp"

namespace notifybridge::system {

static std::ostream& operator<<(std::ostream& out, const Listener& listener) {
    return out << to_string(listener) << ' ' << listener.inode;
}

static std::ostream& operator<<(std::ostream& out, const LocalListener& listener) {
    return out << listener.name << ' ' << listener.inode;
}

namespace {

constexpr std::string_view heading =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

/// Returns a line of the table. The words of an address are in the byte order of the machine.
std::string line(std::string_view local, std::string_view state, int inode) {
    return util::concat("   0: ", local, " 00000000:0000 ", state,
                        " 00000000:00000000 00:00000000 00000000   999        0 ", inode,
                        " 1 0000000000000000 100 0 0 10 0\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listeners_table)

BOOST_AUTO_TEST_CASE(listening_sockets_are_read) {
    const bool is_little = htole32(1) == 1;
    const std::string table =
        util::concat(heading, line("00000000:18EB", "0A", 7), line("00000000:0050", "01", 6),
                     line(is_little ? "0100007F:0050" : "7F000001:0050", "0A", 8),
                     line("00000000000000000000000000000000:FFFF", "0A", 9),
                     line(is_little ? "0000000000000000FFFF00000100007F:0051"
                                    : "00000000000000000000FFFF7F000001:0051",
                          "0A", 10));
    const std::vector<Listener> wanted = {
        {"0.0.0.0", 6379, 7}, {"127.0.0.1", 80, 8}, {"::", 65535, 9}, {"127.0.0.1", 81, 10}};
    BOOST_TEST(read_listeners(table, Transport::tcp) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(udp_sockets_without_a_peer_are_read) {
    const std::string table =
        util::concat(heading, line("00000000:0035", "07", 7), line("00000000:0036", "01", 8));
    const std::vector<Listener> wanted = {{"0.0.0.0", 53, 7}};
    BOOST_TEST(read_listeners(table, Transport::udp) == wanted, boost::test_tools::per_element());
    BOOST_TEST(read_listeners(table, Transport::tcp).empty());
}

BOOST_AUTO_TEST_CASE(local_sockets_that_clients_can_reach_are_read) {
    const std::string_view table =
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "00000000: 00000002 00000000 00010000 0001 01    71 /run/listens here\n"
        "00000000: 00000003 00000000 00000000 0001 03    72 /run/connected\n"
        "00000000: 00000002 00000000 00010000 0005 01    73 @abstract\n"
        "00000000: 00000002 00000000 00000000 0002 01    74 /run/datagrams\n"
        "00000000: 00000002 00000000 00000000 0002 01    75\n"
        "00000000: 00000002 00000000 00000000 0001 01    76 /run/only-bound\n";
    const std::vector<LocalListener> wanted = {
        {"/run/listens here", 71}, {"@abstract", 73}, {"/run/datagrams", 74}};
    BOOST_TEST(read_local_listeners(table) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_broken_table_gives_no_sockets) {
    for (const std::string_view text :
         {std::string_view(""), heading, std::string_view("x"), std::string_view("\n\n"),
          std::string_view("\n 0: 00 0 0A"),
          std::string_view("\n 0: 0000000G:0050 0 0A 0 0 0 0 0 7"),
          std::string_view("\n 0: 00000000:10000 0 0A 0 0 0 0 0 7")}) {
        BOOST_TEST(read_listeners(text, Transport::tcp).empty());
        BOOST_TEST(read_local_listeners(text).empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(listener)

BOOST_AUTO_TEST_CASE(an_address_is_covered_by_itself_and_by_all_addresses) {
    BOOST_TEST(covers({"127.0.0.1", 80, 1}, "127.0.0.1"));
    BOOST_TEST(covers({"0.0.0.0", 80, 1}, "127.0.0.1"));
    BOOST_TEST(covers({"::", 80, 1}, "127.0.0.1"));
    BOOST_TEST(covers({"::", 80, 1}, "::1"));
    BOOST_TEST(covers({"::", 80, 1}, "0.0.0.0"));
    BOOST_TEST(!covers({"::", 80, 1, true}, "127.0.0.1"));
    BOOST_TEST(covers({"::", 80, 1, true}, "::1"));
    BOOST_TEST(!covers({"0.0.0.0", 80, 1}, "::1"));
    BOOST_TEST(!covers({"10.0.0.1", 80, 1}, "127.0.0.1"));
    BOOST_TEST(!covers({"127.0.0.1", 80, 1}, "0.0.0.0"));
}

BOOST_AUTO_TEST_CASE(loopback_addresses_are_known) {
    BOOST_TEST(is_on_loopback({"127.0.0.1", 80, 1}));
    BOOST_TEST(is_on_loopback({"127.9.9.9", 80, 1}));
    BOOST_TEST(is_on_loopback({"::1", 80, 1}));
    BOOST_TEST(!is_on_loopback({"::", 80, 1}));
    BOOST_TEST(!is_on_loopback({"10.127.0.1", 80, 1}));
}

BOOST_AUTO_TEST_CASE(addresses_are_written_as_in_a_url) {
    BOOST_TEST(to_string(Listener{"127.0.0.1", 80, 1}) == "127.0.0.1:80");
    BOOST_TEST(to_string(Listener{"::1", 80, 1}) == "[::1]:80");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
