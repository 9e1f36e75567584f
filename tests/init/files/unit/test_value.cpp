#include "init/files/unit/value.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "init/files/unit/listen.hpp"

namespace notifybridge::unit {
namespace {

struct Number {
    const char* text;
    long long value;  ///< Negative if the text is not valid.

    friend std::ostream& operator<<(std::ostream& out, const Number& number) {
        return out << '"' << number.text << '"';
    }
};

template <typename Value>
void check(const std::optional<Value>& parsed, const Number& expected) {
    BOOST_TEST(parsed.has_value() == (expected.value >= 0));
    if (parsed && expected.value >= 0)
        BOOST_TEST(static_cast<long long>(*parsed) == expected.value);
}

constexpr long long kibi = 1024;

const Number sizes[] = {
    {"0", 0},
    {"4096", 4096},
    {"1K", kibi},
    {"1.5K", 1536},
    {"2G", 2 * kibi* kibi* kibi},
    {"1T", kibi* kibi* kibi* kibi},
    {"1M 512K", kibi* kibi + 512 * kibi},
    {"1 K", kibi},
    {"1B", 1},
    {"+5", 5},
    {"5.5", 5},
    {"512K 1M", -1},
    {"1 2", -1},
    {"1k", -1},
    {"1KB", -1},
    {"16E", -1},
    {"-1", -1},
    {"infinity", -1},
    {"", -1},
};

const Number modes[] = {
    {"0644", 0644}, {"755", 0755}, {"7777", 07777}, {"0", 0},    {" 644", 0644},
    {"17777", -1},  {"08", -1},    {"-1", -1},      {"u+x", -1}, {"", -1},
};

const Number statuses[] = {
    {"0", 0},           {"255", 255}, {"SUCCESS", 0}, {"DATAERR", 65}, {"EXEC", 203}, {"BPF", 244},
    {"EXCEPTION", 255}, {"256", -1},  {"exec", -1},   {"TERM", -1},    {"-1", -1},    {"", -1},
};

const Number capabilities[] = {
    {"CAP_CHOWN", 0},
    {"cap_net_admin", 12},
    {"CAP_CHECKPOINT_RESTORE", 40},
    {"12", 12},
    {"63", 63},
    {"64", -1},
    {"NET_ADMIN", -1},
    {"CAP_X", -1},
};

struct Kind {
    const char* address;
    AddressKind kind;

    friend std::ostream& operator<<(std::ostream& out, const Kind& kind) {
        return out << '"' << kind.address << '"';
    }
};

// The addresses are from systemd.socket(5), ListenStream=.
const Kind addresses[] = {
    {"/run/x.sock", AddressKind::path},
    {"/run/with space", AddressKind::path},
    {"/", AddressKind::invalid},
    {"@name", AddressKind::abstract},
    {"@", AddressKind::invalid},
    {"80", AddressKind::port},
    {"0x50", AddressKind::port},
    {"0", AddressKind::invalid},
    {"65536", AddressKind::invalid},
    {"127.0.0.1:80", AddressKind::ipv4},
    {"127.0.0.1", AddressKind::invalid},
    {"256.0.0.1:80", AddressKind::invalid},
    {"localhost:80", AddressKind::invalid},
    {"*:80", AddressKind::invalid},
    {"[::1]:80", AddressKind::ipv6},
    {"[fe80::1]:80%eth0", AddressKind::ipv6},
    {"[fe80::1]:80%2", AddressKind::ipv6},
    {"[fe80::1]:80%", AddressKind::invalid},
    {"[::1]", AddressKind::invalid},
    {"::1:80", AddressKind::invalid},
    {"vsock:2:1234", AddressKind::vsock},
    {"vsock::1234", AddressKind::vsock},
    {"vsock:2", AddressKind::invalid},
    {"vsock:-1:1", AddressKind::invalid},
    {"run/x", AddressKind::invalid},
    {"", AddressKind::invalid},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(value)

BOOST_AUTO_TEST_CASE(a_boolean_setting_is_one_of_twelve_words_in_any_case) {
    for (const char* const text : {"1", "yes", "y", "true", "t", "on", "True", "YES"})
        BOOST_TEST((parse_boolean(text) == true), text);
    for (const char* const text : {"0", "no", "n", "false", "f", "off", "OFF"})
        BOOST_TEST((parse_boolean(text) == false), text);
    for (const char* const text : {"", "2", "maybe", "yess", " yes"})
        BOOST_TEST(!parse_boolean(text).has_value(), text);
}

BOOST_DATA_TEST_CASE(a_size_in_a_unit_file_has_units_of_1024, sizes, number) {
    check(parse_size(number.text), number);
}

BOOST_DATA_TEST_CASE(a_file_mode_in_a_unit_file_is_octal, modes, number) {
    check(parse_mode(number.text), number);
}

BOOST_DATA_TEST_CASE(an_exit_status_has_a_name_or_a_number, statuses, number) {
    check(parse_exit_status(number.text), number);
}

BOOST_DATA_TEST_CASE(a_capability_has_a_name_or_a_number, capabilities, number) {
    check(parse_capability(number.text), number);
}

BOOST_AUTO_TEST_CASE(an_exit_status_is_converted_to_its_name) {
    BOOST_TEST(exit_status_to_string(203) == "EXEC");
    BOOST_TEST(exit_status_to_string(199) == "");
}

BOOST_AUTO_TEST_CASE(numbers_in_a_unit_file_have_limits) {
    BOOST_TEST(parse_nice("-20").value() == -20);
    BOOST_TEST(parse_nice("19").value() == 19);
    BOOST_TEST(!parse_nice("20").has_value());
    BOOST_TEST(!parse_oom_score_adjust("1001").has_value());
    BOOST_TEST(parse_unsigned("4294967295").value() == 4294967295U);
    BOOST_TEST(!parse_unsigned("4294967296").has_value());
    BOOST_TEST(!parse_byte("256").has_value());
}

BOOST_AUTO_TEST_CASE(a_user_in_a_unit_file_is_a_name_or_a_number) {
    for (const char* const text : {"root", "0", "a.b", "x$", "a b", "\xC3\xBC", "1000"})
        BOOST_TEST(is_user_or_group(text), text);
    for (const char* const text : {"", ".", "..", "a:b", "a/b", " a", "a ", "-1", "65535",
                                   "4294967295", "4294967296", "a\tb", "\xFF"})
        BOOST_TEST(!is_user_or_group(text), text);
}

BOOST_AUTO_TEST_CASE(each_kind_of_name_in_a_unit_file_has_its_own_rules) {
    BOOST_TEST(is_fd_name("a-b c.d"));
    BOOST_TEST(!is_fd_name("a:b"));
    BOOST_TEST(!is_fd_name(std::string(256, 'x')));
    BOOST_TEST(is_bus_name("org.example.a_b-c"));
    for (const char* const text : {"", "a", "a..b", ".a.b", "a.", "a.1", "a b.c"})
        BOOST_TEST(!is_bus_name(text), text);
    BOOST_TEST(is_interface_name("eth0"));
    for (const char* const text : {"", "12", "a/b", "a:b", "0123456789abcdef", "..", "all"})
        BOOST_TEST(!is_interface_name(text), text);
}

BOOST_DATA_TEST_CASE(the_form_of_a_listen_address_is_recognized, addresses, kind) {
    BOOST_TEST((address_kind(kind.address) == kind.kind));
}

BOOST_AUTO_TEST_CASE(a_socket_path_has_at_most_107_bytes) {
    BOOST_TEST((address_kind('/' + std::string(106, 'x')) == AddressKind::path));
    BOOST_TEST((address_kind('/' + std::string(107, 'x')) == AddressKind::invalid));
}

BOOST_AUTO_TEST_CASE(a_netlink_address_has_a_family_and_an_optional_group) {
    BOOST_TEST(is_netlink_address("kobject-uevent 1"));
    BOOST_TEST(is_netlink_address("route"));
    BOOST_TEST(is_netlink_address("15 2"));
    for (const char* const text : {"", "bogus 1", "route -1", "route x", "route 1 2"})
        BOOST_TEST(!is_netlink_address(text), text);
    BOOST_TEST(netlink_family("generic") == 16);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit
