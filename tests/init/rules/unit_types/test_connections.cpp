#include "init/rules/unit_types/connections.hpp"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <boost/test/unit_test.hpp>
#include <cstring>

namespace notifybridge::unit_types {
namespace {

template <typename Address>
sockaddr_storage stored(const Address& address) {
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return storage;
}

sockaddr_storage ipv4(const char* text, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    BOOST_REQUIRE(::inet_pton(AF_INET, text, &address.sin_addr) == 1);
    return stored(address);
}

sockaddr_storage ipv6(const char* text, std::uint16_t port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    BOOST_REQUIRE(::inet_pton(AF_INET6, text, &address.sin6_addr) == 1);
    return stored(address);
}

sockaddr_storage vsock(unsigned cid, unsigned port) {
    sockaddr_vm address{};
    address.svm_family = AF_VSOCK;
    address.svm_cid = cid;
    address.svm_port = port;
    return stored(address);
}

sockaddr_storage unix_socket() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    return stored(address);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connections)

BOOST_AUTO_TEST_CASE(the_name_of_an_instance_has_its_number_and_both_addresses) {
    BOOST_TEST(instance_name(0, {ipv4("127.0.0.1", 80), ipv4("10.1.2.3", 4711), {}})
               == "0-127.0.0.1:80-10.1.2.3:4711");
    BOOST_TEST(instance_name(7, {ipv6("::1", 80), ipv6("fe80::2", 65535), {}})
               == "7-::1:80-fe80::2:65535");
    BOOST_TEST(instance_name(7, {vsock(2, 1234), vsock(3, 99), {}}) == "7-2:1234-3:99");
}

BOOST_AUTO_TEST_CASE(two_mapped_ipv4_addresses_are_shown_as_ipv4_addresses) {
    BOOST_TEST(instance_name(1, {ipv6("::ffff:127.0.0.1", 80), ipv6("::ffff:10.1.2.3", 9), {}})
               == "1-127.0.0.1:80-10.1.2.3:9");
    BOOST_TEST(instance_name(1, {ipv6("::ffff:127.0.0.1", 80), ipv6("::1", 9), {}})
               == "1-::ffff:127.0.0.1:80-::1:9");
}

BOOST_AUTO_TEST_CASE(an_instance_for_a_unix_socket_is_named_by_its_client) {
    BOOST_TEST(instance_name(3, {unix_socket(), unix_socket(), system::Credentials{42, 1000, 5}})
               == "3-42-1000");
    BOOST_TEST(instance_name(3, {unix_socket(), unix_socket(), {}}) == "3-unknown");
}

BOOST_AUTO_TEST_CASE(a_peer_is_shown_as_an_address_with_a_port_or_credentials) {
    const sockaddr_storage local = unix_socket();
    BOOST_TEST(peer_text({local, ipv4("10.1.2.3", 9), {}}) == "10.1.2.3:9");
    BOOST_TEST(peer_text({local, ipv6("fe80::2", 65535), {}}) == "[fe80::2]:65535");
    BOOST_TEST(peer_text({local, ipv6("::ffff:10.1.2.3", 9), {}}) == "10.1.2.3:9");
    BOOST_TEST(peer_text({local, vsock(3, 99), {}}) == "vsock:3:99");
    BOOST_TEST(peer_text({local, unix_socket(), system::Credentials{42, 1000, 5}})
               == "PID 42/UID 1000");
    BOOST_TEST(peer_text({local, unix_socket(), {}}).empty());
}

BOOST_AUTO_TEST_CASE(only_ip_and_vsock_addresses_have_a_port) {
    BOOST_TEST(port_of(ipv4("10.1.2.3", 9)) == 9U);
    BOOST_TEST(port_of(ipv6("fe80::2", 65535)) == 65535U);
    BOOST_TEST(port_of(vsock(3, 99)) == 99U);
    BOOST_TEST(port_of(unix_socket()) == 0U);
}

BOOST_AUTO_TEST_CASE(the_source_of_a_connection_is_a_host_or_a_user) {
    BOOST_TEST(source_of({ipv4("127.0.0.1", 80), ipv4("10.1.2.3", 1), {}}) == "10.1.2.3");
    BOOST_TEST(source_of({ipv6("::1", 80), ipv6("fe80::2", 1), {}}) == "fe80::2");
    BOOST_TEST(source_of({vsock(2, 1), vsock(3, 1), {}}) == "vsock:3");
    BOOST_TEST(source_of({unix_socket(), unix_socket(), system::Credentials{1, 2, 3}}) == "UID 2");
    BOOST_TEST(source_of({unix_socket(), unix_socket(), {}}).empty());
}

BOOST_AUTO_TEST_CASE(a_connection_counts_as_long_as_its_place_is_kept) {
    Connections counted;
    auto one = counted.take("a");
    auto two = counted.take("a");
    auto other = counted.take("b");
    BOOST_TEST(counted.count() == 3U);
    BOOST_TEST(counted.count("a") == 2U);
    one.reset();
    other.reset();
    BOOST_TEST(counted.count() == 1U);
    BOOST_TEST(counted.count("a") == 1U);
    BOOST_TEST(counted.count("b") == 0U);
}

BOOST_AUTO_TEST_CASE(a_connection_slot_may_outlive_the_connection_counter) {
    Connections::Place place;
    {
        Connections counted;
        place = counted.take("a");
    }
    place.reset();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
