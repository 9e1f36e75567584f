#include "bridge/guest/listen_address.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

namespace notifybridge::guest {
namespace {

struct Valid {
    std::string_view text;
    std::string_view shown;
    std::string_view for_guest;
    int socket_type = SOCK_STREAM;

    friend std::ostream& operator<<(std::ostream& out, const Valid& valid) {
        return out << valid.text;
    }
};

const Valid valid_texts[] = {
    {"vsock:9999", "vsock:9999", "vsock-stream:2:9999"},
    {"vsock:1", "vsock:1", "vsock-stream:2:1"},
    {"vsock:4294967294", "vsock:4294967294", "vsock-stream:2:4294967294"},
    {"vsock-stream:9999", "vsock:9999", "vsock-stream:2:9999"},
    {"vsock-seqpacket:9999", "vsock-seqpacket:9999", "vsock-seqpacket:2:9999", SOCK_SEQPACKET},
    {"vsock-dgram:9999", "vsock-dgram:9999", "vsock-dgram:2:9999", SOCK_DGRAM},
    {"unix:/run/vm.sock_9999", "unix:/run/vm.sock_9999", "vsock-stream:2:9999"},
    {"unix:vm_1_2", "unix:vm_1_2", "vsock-stream:2:2"},
    {"unix:/run/vm.sock", "unix:/run/vm.sock", "vsock-stream:2:PORT"},
    {"unix:/run/vm_x", "unix:/run/vm_x", "vsock-stream:2:PORT"},
    {"unix:/run/vm_", "unix:/run/vm_", "vsock-stream:2:PORT"},
    {"unix:_0", "unix:_0", "vsock-stream:2:PORT"},
};

struct Invalid {
    std::string text;
    ListenError error;

    friend std::ostream& operator<<(std::ostream& out, const Invalid& invalid) {
        return out << invalid.text;
    }
};

const Invalid invalid_texts[] = {
    {"", ListenError::unknown_form},
    {"9999", ListenError::unknown_form},
    {"tcp:9999", ListenError::unknown_form},
    {"/run/vm.sock", ListenError::unknown_form},
    {"vsock:", ListenError::bad_port},
    {"vsock:0", ListenError::bad_port},
    {"vsock:-1", ListenError::bad_port},
    {"vsock: 1", ListenError::bad_port},
    {"vsock:2:9999", ListenError::bad_port},
    {"vsock:4294967295", ListenError::bad_port},
    {"vsock:4294967296", ListenError::bad_port},
    {"vsock-dgram:x", ListenError::bad_port},
    {"unix:", ListenError::empty_path},
    {"unix:" + std::string(108, 'x'), ListenError::long_path},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(listen_address)

BOOST_DATA_TEST_CASE(a_valid_listen_address_is_parsed_and_shown, valid_texts, valid) {
    const auto address = parse_listen_address(valid.text);
    BOOST_TEST_REQUIRE(address.has_value());
    BOOST_TEST(to_string(*address) == valid.shown);
    BOOST_TEST(address_for_guest(*address) == valid.for_guest);
    BOOST_TEST(address->socket_type == valid.socket_type);
}

BOOST_DATA_TEST_CASE(an_invalid_listen_address_is_refused_with_a_reason, invalid_texts, invalid) {
    const auto address = parse_listen_address(invalid.text);
    BOOST_TEST_REQUIRE(address.has_error());
    BOOST_TEST((address.error() == invalid.error));
    BOOST_TEST(!explain(address.error()).empty());
}

BOOST_AUTO_TEST_CASE(the_longest_path_is_a_valid_listen_address) {
    BOOST_TEST(parse_listen_address("unix:" + std::string(107, 'x')).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::guest
