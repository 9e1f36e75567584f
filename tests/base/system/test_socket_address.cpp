#include "base/system/socket_address.hpp"

#include <linux/vm_sockets.h>
#include <sys/un.h>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace notifybridge::system {
namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);

std::string path_bytes(const SocketAddress& address) {
    const auto* bytes = reinterpret_cast<const char*>(address.data());
    return {bytes + path_offset, bytes + address.size()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_address)

BOOST_AUTO_TEST_CASE(the_path_of_a_socket_address_ends_in_a_nul) {
    const auto address = SocketAddress::unix_path("/run/x");
    BOOST_TEST(address.family() == AF_UNIX);
    BOOST_TEST(path_bytes(address) == std::string("/run/x\0", 7));
}

BOOST_AUTO_TEST_CASE(an_abstract_socket_name_has_a_nul_only_at_its_start) {
    const auto address = SocketAddress::unix_abstract("x");
    BOOST_TEST(path_bytes(address) == std::string("\0x", 2));
}

BOOST_AUTO_TEST_CASE(too_long_and_empty_socket_names_are_refused) {
    const std::string longest(107, 'p');
    BOOST_TEST(SocketAddress::unix_path(longest).size() == sizeof(sockaddr_un));
    BOOST_TEST(SocketAddress::unix_abstract(longest).size() == sizeof(sockaddr_un));
    BOOST_CHECK_THROW(SocketAddress::unix_path(longest + "p"), std::length_error);
    BOOST_CHECK_THROW(SocketAddress::unix_abstract(longest + "p"), std::length_error);
    BOOST_CHECK_THROW(SocketAddress::unix_path(""), std::length_error);
}

BOOST_AUTO_TEST_CASE(a_vsock_address_has_a_context_id_and_a_port) {
    const auto address = SocketAddress::vsock(2, 1234);
    const auto& vm = reinterpret_cast<const sockaddr_vm&>(*address.data());
    BOOST_TEST(address.family() == AF_VSOCK);
    BOOST_TEST(vm.svm_cid == 2u);
    BOOST_TEST(vm.svm_port == 1234u);
    BOOST_TEST(address.size() == sizeof(sockaddr_vm));
}

BOOST_AUTO_TEST_CASE(only_a_numeric_address_is_an_internet_address) {
    BOOST_TEST(SocketAddress::internet("127.0.0.1", 80).value().family() == AF_INET);
    BOOST_TEST(SocketAddress::internet("::1", 80).value().family() == AF_INET6);
    for (const char* const name : {"", "localhost", "127.1", "256.0.0.1", "[::1]", "::1%lo"})
        BOOST_TEST(!SocketAddress::internet(name, 80).has_value(), name);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
