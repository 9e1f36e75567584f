#include "base/system/tcp_listeners.hpp"

#include <endian.h>

#include <boost/test/unit_test.hpp>
#include <ostream>

#include "base/util/concat.hpp"

namespace notifybridge::system {

static std::ostream& operator<<(std::ostream& out, const TcpListener& listener) {
    return out << listener.host << ' ' << listener.port << ' ' << listener.inode;
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

BOOST_AUTO_TEST_SUITE(tcp_listeners_table)

BOOST_AUTO_TEST_CASE(listening_sockets_are_read) {
    const bool is_little = htole32(1) == 1;
    const std::string table =
        util::concat(heading, line("00000000:18EB", "0A", 7),
                     line(is_little ? "0100007F:0050" : "7F000001:0050", "0A", 8),
                     line("00000000000000000000000000000000:FFFF", "0A", 9),
                     line(is_little ? "0000000000000000FFFF00000100007F:0051"
                                    : "00000000000000000000FFFF7F000001:0051",
                          "0A", 10));
    const std::vector<TcpListener> wanted = {
        {"0.0.0.0", 6379, 7}, {"127.0.0.1", 80, 8}, {"::", 65535, 9}, {"127.0.0.1", 81, 10}};
    BOOST_TEST(read_tcp_listeners(table) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reading_stops_at_the_first_other_socket) {
    const std::string table =
        util::concat(heading, line("00000000:18EB", "0A", 7), line("00000000:0050", "01", 8),
                     line("00000000:0051", "0A", 9));
    BOOST_TEST(read_tcp_listeners(table).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_broken_table_gives_no_sockets) {
    for (const std::string_view text : {std::string_view(""), heading, std::string_view("x"),
                                        std::string_view("\n\n"), std::string_view("\n 0: 00 0 0A"),
                                        std::string_view("\n 0: 0000000G:0050 0 0A 0 0 0 0 0 7"),
                                        std::string_view("\n 0: 00000000:10000 0 0A 0 0 0 0 0 7")})
        BOOST_TEST(read_tcp_listeners(text).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
