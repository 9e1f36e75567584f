#include "bridge/probe/listened_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::probe::test_listened_address {
namespace {

using system::SocketAddress;
using util::concat;

system::UniqueFd listen_on(const SocketAddress& address, bool only_ipv6 = false) {
    system::UniqueFd socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int only = only_ipv6;
    if (address.family() == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    if (::bind(socket.get(), address.data(), address.size()) < 0 || ::listen(socket.get(), 1) < 0)
        return {};
    return socket;
}

/// A listening socket at a free port of this address.
struct Listening {
    system::UniqueFd socket;
    std::uint16_t port = 0;

    explicit Listening(const std::string& literal, bool only_ipv6 = false)
        : socket(listen_on(*SocketAddress::internet(literal, 0), only_ipv6)) {
        sockaddr_in6 address{};
        socklen_t size = sizeof address;
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin6_port);  // In an IPv4 address, the port has the same offset.
    }

    bool takes(const std::string& literal) const {
        return takes_connections_to(socket, *SocketAddress::internet(literal, port));
    }
};

std::string refusal(const std::string& probe, system::Fd socket) {
    try {
        check_not_listened_on("ready-when", parse_specification(probe, Purpose::readiness),
                              std::vector{socket});
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

bool has_ipv6() {
    return Listening("::1").port != 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listened_address)

BOOST_AUTO_TEST_CASE(a_specific_socket_address_matches_itself) {
    const Listening one("127.0.0.1");
    BOOST_TEST(one.takes("127.0.0.1"));
    BOOST_TEST(!one.takes("127.0.0.2"));
    BOOST_TEST(!one.takes("::1"));
    BOOST_TEST(one.takes("0.0.0.0"));
    BOOST_TEST(!Listening("127.0.0.2").takes("0.0.0.0"));
    BOOST_TEST(!takes_connections_to(
        one.socket,
        *SocketAddress::internet("127.0.0.1", static_cast<std::uint16_t>(one.port ^ 1))));
}

BOOST_AUTO_TEST_CASE(a_wildcard_address_matches_addresses_of_its_family) {
    BOOST_TEST(Listening("0.0.0.0").takes("127.0.0.1"));
    BOOST_TEST(!Listening("0.0.0.0").takes("::1"));
    if (!has_ipv6())
        return;
    BOOST_TEST(Listening("::").takes("127.0.0.1"));
    BOOST_TEST(Listening("::").takes("::1"));
    BOOST_TEST(!Listening("::", true).takes("127.0.0.1"));
    BOOST_TEST(Listening("::", true).takes("::1"));
    BOOST_TEST(Listening("::ffff:127.0.0.1").takes("127.0.0.1"));
    BOOST_TEST(Listening("::ffff:127.0.0.1").takes("0.0.0.0"));
    BOOST_TEST(Listening("::1").takes("::"));
    BOOST_TEST(!Listening("::ffff:127.0.0.1").takes("127.0.0.2"));
}

BOOST_AUTO_TEST_CASE(a_socket_path_matches_while_its_socket_exists) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("socket");
    const auto socket = listen_on(SocketAddress::unix_path(path));
    BOOST_TEST(takes_connections_to(socket, SocketAddress::unix_path(path)));
    BOOST_TEST(!takes_connections_to(socket, SocketAddress::unix_path(path + "2")));
    BOOST_TEST(!takes_connections_to(socket, SocketAddress::unix_abstract(path)));
    BOOST_TEST(takes_connections_to(socket, SocketAddress::unix_path(directory.path("./socket"))));
    BOOST_TEST_REQUIRE(::symlink("socket", directory.path("link").c_str()) == 0);
    BOOST_TEST(takes_connections_to(socket, SocketAddress::unix_path(directory.path("link"))));
    ::unlink(path.c_str());
    directory.write("socket", "as in a container, which has other files");
    BOOST_TEST(!takes_connections_to(socket, SocketAddress::unix_path(path)));
}

BOOST_AUTO_TEST_CASE(an_abstract_socket_name_matches_itself) {
    const std::string name = concat("notifybridge-test-", ::getpid());
    const auto socket = listen_on(SocketAddress::unix_abstract(name));
    BOOST_TEST(takes_connections_to(socket, SocketAddress::unix_abstract(name)));
    BOOST_TEST(!takes_connections_to(socket, SocketAddress::unix_abstract(name + "2")));
}

BOOST_AUTO_TEST_CASE(only_a_listening_socket_matches_a_probe) {
    const auto target = *SocketAddress::internet("127.0.0.1", 1);
    const system::UniqueFd bound(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    BOOST_TEST(!takes_connections_to(bound, target));
    BOOST_TEST(!takes_connections_to(system::Fd(STDIN_FILENO), target));
}

BOOST_AUTO_TEST_CASE(a_socket_of_another_network_does_not_match_a_probe) {
    const Listening listening("0.0.0.0");
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(CLONE_NEWNET) < 0)
            ::_exit(2);
        ::_exit(listening.takes("127.0.0.1") ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WEXITSTATUS(status) == 2)
        BOOST_TEST_MESSAGE("skipped: there can be no other network");
    else
        BOOST_TEST(WEXITSTATUS(status) == 0);
}

BOOST_AUTO_TEST_CASE(a_probe_that_only_connects_to_a_socket_of_systemd_is_refused) {
    const Listening listening("127.0.0.1");
    const std::string at = concat("127.0.0.1:", listening.port);
    BOOST_TEST(refusal("tcp:" + at, listening.socket)
                   .starts_with(concat("--ready-when=tcp:", at,
                                       ": the service manager itself listens on this address")));
    BOOST_TEST(!refusal(concat("tcp:localhost:", listening.port), listening.socket).empty());
    BOOST_TEST(refusal(concat("http://", at, "/"), listening.socket) == "");
    BOOST_TEST(refusal("notify", listening.socket) == "");
    BOOST_TEST(refusal("tcp:127.0.0.1:1", listening.socket) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe::test_listened_address
