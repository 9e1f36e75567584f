#include "base/notify/address.hpp"

#include <sys/socket.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <set>
#include <string>

#include "base/notify/print.hpp"

namespace notifybridge::notify {
namespace {

const std::string longest_path = "/" + std::string(106, 'p');
const std::string longest_name(106, 'n');

struct Form {
    std::string text;
    Address address;

    friend std::ostream& operator<<(std::ostream& out, const Form& form) {
        return out << form.text;
    }
};

using Kind = Address::Kind;

// The forms of $NOTIFY_SOCKET in sd_notify(3), Notes.
const Form forms[] = {
    {"/run/systemd/notify", {Kind::path, "/run/systemd/notify", 0, 0, SOCK_DGRAM}},
    {"/x", {Kind::path, "/x", 0, 0, SOCK_DGRAM}},
    {longest_path, {Kind::path, longest_path, 0, 0, SOCK_DGRAM}},
    {"@name", {Kind::abstract, "name", 0, 0, SOCK_DGRAM}},
    {"@/org/name", {Kind::abstract, "/org/name", 0, 0, SOCK_DGRAM}},
    {"@" + longest_name, {Kind::abstract, longest_name, 0, 0, SOCK_DGRAM}},
    {"vsock:2:1234", {Kind::vsock, "", 2, 1234, 0}},
    {"vsock-stream:2:1234", {Kind::vsock, "", 2, 1234, SOCK_STREAM}},
    {"vsock-dgram:2:1234", {Kind::vsock, "", 2, 1234, SOCK_DGRAM}},
    {"vsock-seqpacket:2:1234", {Kind::vsock, "", 2, 1234, SOCK_SEQPACKET}},
    {"vsock:4294967294:4294967294", {Kind::vsock, "", 4294967294, 4294967294, 0}},
};

struct Refusal {
    std::string text;
    AddressError error;

    friend std::ostream& operator<<(std::ostream& out, const Refusal& refusal) {
        return out << '"' << refusal.text << '"';
    }
};

const Refusal refusals[] = {
    {"", AddressError::empty},
    {"/", AddressError::unknown_form},
    {"@", AddressError::unknown_form},
    {"run/notify", AddressError::unknown_form},
    {" /run/notify", AddressError::unknown_form},
    {"unix:/run/notify", AddressError::unknown_form},
    {"VSOCK:2:1234", AddressError::unknown_form},
    {"vsock-raw:2:1234", AddressError::unknown_form},
    {"12", AddressError::unknown_form},
    {longest_path + "p", AddressError::too_long},
    {"@" + longest_name + "n", AddressError::too_long},
    {"vsock::1234", AddressError::bad_cid},
    {"vsock:any:1234", AddressError::bad_cid},
    {"vsock:-1:1234", AddressError::bad_cid},
    {"vsock:4294967295:1234", AddressError::bad_cid},  // VMADDR_CID_ANY
    {"vsock:4294967296:1234", AddressError::bad_cid},
    {"vsock:2", AddressError::bad_port},
    {"vsock:2:", AddressError::bad_port},
    {"vsock:2:http", AddressError::bad_port},
    {"vsock:2:1234 ", AddressError::bad_port},
    {"vsock:2:4294967295", AddressError::bad_port},  // VMADDR_PORT_ANY
    {"vsock-stream:2", AddressError::bad_port},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(address)

BOOST_DATA_TEST_CASE(each_form_of_notify_socket_is_understood, forms, form) {
    const auto parsed = parse_address(form.text);
    BOOST_REQUIRE(parsed.has_value());
    BOOST_TEST(*parsed == form.address);
    BOOST_TEST(to_string(*parsed) == form.text);
}

BOOST_DATA_TEST_CASE(an_invalid_notify_socket_is_refused_with_a_reason, refusals, refusal) {
    const auto parsed = parse_address(refusal.text);
    BOOST_REQUIRE(parsed.has_error());
    BOOST_TEST(parsed.error() == refusal.error);
}

BOOST_AUTO_TEST_CASE(each_address_error_has_a_different_text) {
    std::set<std::string_view> said;
    for (const AddressError error :
         {AddressError::empty, AddressError::too_long, AddressError::bad_cid,
          AddressError::bad_port, AddressError::unknown_form})
        BOOST_TEST(said.insert(explain(error)).second);
}

BOOST_AUTO_TEST_CASE(an_error_about_a_too_long_path_names_the_limit) {
    BOOST_TEST(explain(AddressError::too_long).find("107") != std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify
