#include "bridge/proxy/sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "bridge/probe/server.hpp"
#include "bridge/proxy/parse_all.hpp"

namespace notifybridge::proxy {

std::ostream& operator<<(std::ostream& out, SocketKind kind) {
    return out << static_cast<int>(kind);
}

namespace {

using Indexes = std::vector<std::size_t>;

constexpr auto listening = SocketKind::listening_stream;

std::vector<Indexes> choose(const std::vector<std::string>& texts,
                            const std::vector<PassedSocket>& sockets) {
    return choose_sockets(parse_all(texts), sockets);
}

bool is_refused(const std::vector<std::string>& texts, const std::vector<PassedSocket>& sockets,
                const std::string& reason) {
    try {
        choose(texts, sockets);
    } catch (const SocketError& error) {
        const std::string text = error.what();
        return text.starts_with("--proxy=" + texts.back() + ": ")
               && text.find(reason) != std::string::npos;
    }
    return false;
}

BOOST_AUTO_TEST_SUITE(proxy_sockets)

BOOST_AUTO_TEST_CASE(the_only_socket_of_a_proxy_needs_no_name) {
    const auto chosen = choose({"tcp:127.0.0.1:80"}, {{"web.socket", listening}});
    BOOST_TEST((chosen == std::vector<Indexes>{{0}}));
}

BOOST_AUTO_TEST_CASE(a_name_selects_all_sockets_with_this_name) {
    const std::vector<PassedSocket> sockets = {{"web", listening},
                                               {"stored", SocketKind::other},
                                               {"admin", listening},
                                               {"web", listening}};
    const auto chosen = choose({"web=tcp:127.0.0.1:80", "admin=tcp:127.0.0.1:81"}, sockets);
    BOOST_TEST((chosen == std::vector<Indexes>{{0, 3}, {2}}));
}

BOOST_AUTO_TEST_CASE(sockets_that_a_proxy_cannot_use_are_refused) {
    const std::vector<std::string> any = {"tcp:127.0.0.1:80"};
    BOOST_TEST(is_refused(any, {}, "create a .socket unit"));
    BOOST_TEST(is_refused(any, {{"a", listening}, {"b", listening}},
                          "2 sockets (\"a\", \"b\"); choose a socket by its name"));
    BOOST_TEST(is_refused(
        any, {{"a", listening}, {"a", listening}},
        "2 sockets (\"a\", \"a\"); if all sockets are for this target, give --proxy=a="));
    BOOST_TEST(is_refused({"x=tcp:127.0.0.1:80"}, {{"a", listening}}, "only \"a\""));
    BOOST_TEST(is_refused(any, {{"a", SocketKind::datagram}}, "datagram socket (UDP)"));
    BOOST_TEST(is_refused(any, {{"connection", SocketKind::connection}}, "Accept=no"));
    BOOST_TEST(is_refused(any, {{"unknown", SocketKind::connection}}, "Accept=no"));
    BOOST_TEST(is_refused(any, {{"a", SocketKind::other}}, "not a stream socket"));
}

BOOST_AUTO_TEST_CASE(a_socket_that_was_changed_must_be_opened_again) {
    const std::vector<std::string> any = {"tcp:127.0.0.1:80"};
    for (const SocketKind kind : {SocketKind::connection, SocketKind::unused_stream}) {
        BOOST_TEST(is_refused(any, {{"web.socket", kind}},
                              "no longer listens, because a process that had it has changed it; "
                              "open it again with `systemctl restart web.socket`"));
        BOOST_TEST(is_refused(any, {{"web", kind}}, "`systemctl restart NAME.socket`"));
    }
}

BOOST_AUTO_TEST_CASE(the_kinds_of_passed_descriptors_are_recognized) {
    const probe::Listener listener;
    BOOST_TEST(kind_of(listener.fd()) == listening);
    int pair[2];
    BOOST_TEST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    const system::UniqueFd one(pair[0]);
    const system::UniqueFd other(pair[1]);
    BOOST_TEST(kind_of(one) == SocketKind::connection);
    BOOST_TEST_REQUIRE(::shutdown(listener.fd().get(), SHUT_RDWR) == 0);
    BOOST_TEST(kind_of(listener.fd()) == SocketKind::unused_stream);
    const system::UniqueFd udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    BOOST_TEST(kind_of(udp) == SocketKind::datagram);
    const system::UniqueFd packets(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    BOOST_TEST(kind_of(packets) == SocketKind::other);
    const system::UniqueFd file(::open("/dev/null", O_RDWR | O_CLOEXEC));
    BOOST_TEST(kind_of(file) == SocketKind::other);
}

BOOST_AUTO_TEST_CASE(a_proxy_whose_target_is_its_own_socket_is_refused) {
    const probe::Listener listener;
    const probe::Listener other;
    const auto port_of = [](const probe::Listener& each) {
        const auto address = each.address();
        sockaddr_in in;
        std::memcpy(&in, address.data(), sizeof in);
        return ntohs(in.sin_port);
    };
    const auto itself = parse_specification(util::concat("tcp:127.0.0.1:", port_of(listener)));
    BOOST_CHECK_THROW(check_no_circle(itself, listener.fd()), SocketError);
    check_no_circle(itself, other.fd());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
