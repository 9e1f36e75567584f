#include "bridge/probe/connect_probe.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <fstream>

#include "base/util/concat.hpp"
#include "bridge/probe/server.hpp"
#include "support/descriptors.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};

struct Connecting {
    event::Loop loop;
    test::TemporaryDirectory directory;

    Finding check_tcp(std::vector<system::SocketAddress> addresses) {
        ConnectProbe probe(loop, "tcp", std::move(addresses), 10s);
        return check(loop, probe);
    }

    Finding check_unix(const system::SocketAddress& address) {
        ConnectProbe probe(loop, "unix", {address}, 10s, {std::begin(types), std::end(types)});
        return check(loop, probe);
    }

    static system::UniqueFd bind(int type, const system::SocketAddress& address) {
        system::UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
        BOOST_TEST_REQUIRE(::bind(fd.get(), address.data(), address.size()) == 0);
        return fd;
    }

    /// Returns how a hint names this socket.
    static std::string shown(const Listener& listener) {
        sockaddr_in address{};
        std::memcpy(&address, listener.address().data(), sizeof address);
        return util::concat("127.0.0.1:", ntohs(address.sin_port));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connect_probe, Connecting)

BOOST_AUTO_TEST_CASE(a_tcp_probe_succeeds_while_a_socket_listens) {
    Listener listener;
    ConnectProbe probe(loop, "tcp", {listener.address()}, 10s);
    BOOST_TEST(check(loop, probe).holds);
    BOOST_TEST(check(loop, probe).holds);
    listener.close();
    const Finding finding = check(loop, probe);
    BOOST_TEST(!finding.holds);
    BOOST_TEST(finding.reason == "connection refused");
}

BOOST_AUTO_TEST_CASE(a_refused_probe_names_later_sockets_that_listen) {
    const Listener early;
    Listener own;
    ConnectProbe probe(loop, "tcp", {own.address()}, 10s);
    const Listener late;
    BOOST_TEST(check(loop, probe).holds);
    BOOST_TEST(probe.hint() == "");
    own.close();
    BOOST_TEST(!check(loop, probe).holds);
    const std::string hint = probe.hint();
    BOOST_TEST(hint.find(shown(late)) != hint.npos);
    BOOST_TEST(hint.find(shown(early)) == hint.npos);
}

BOOST_AUTO_TEST_CASE(a_refused_probe_of_a_path_names_no_other_socket) {
    ConnectProbe probe(loop, "unix", {system::SocketAddress::unix_abstract("none.of.ours")}, 10s);
    const Listener late;
    BOOST_TEST(check(loop, probe).reason == "connection refused");
    BOOST_TEST(probe.hint() == "");
}

BOOST_AUTO_TEST_CASE(a_probe_succeeds_if_one_of_its_addresses_answers) {
    Listener silent;
    const auto nobody = silent.address();
    silent.close();
    const Listener listener;
    BOOST_TEST(check_tcp({nobody, listener.address()}).holds);
    BOOST_TEST(check_tcp({listener.address(), nobody}).holds);
    BOOST_TEST(!check_tcp({nobody, nobody}).holds);
}

BOOST_AUTO_TEST_CASE(a_probe_of_a_server_that_never_accepts_times_out) {
    // The backlog is 0, so the second connection gets no answer.
    const Listener listener;
    ::listen(listener.fd().get(), 0);
    std::vector<system::UniqueFd> waiting;
    const auto address = listener.address();
    for (int client = 0; client < 4; ++client) {
        waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        static_cast<void>(::connect(waiting.back().get(), address.data(), address.size()));
    }
    ConnectProbe probe(loop, "tcp", {address}, 50ms);
    const Finding finding = check(loop, probe);
    BOOST_TEST(!finding.holds);
    BOOST_TEST(finding.reason == "no answer in time");
}

BOOST_AUTO_TEST_CASE(a_tcp_connection_to_itself_does_not_count) {
    // A client that connects to its own port reaches itself.
    const system::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto any = *system::SocketAddress::internet("127.0.0.1", 0);
    BOOST_REQUIRE(::bind(socket.get(), any.data(), any.size()) == 0);
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    BOOST_REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&bound), size) == 0);
    BOOST_TEST(is_own_peer(socket));
    const Listener listener;
    const system::UniqueFd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = listener.address();
    BOOST_REQUIRE(::connect(other.get(), address.data(), address.size()) == 0);
    BOOST_TEST(!is_own_peer(other));
}

BOOST_DATA_TEST_CASE_F(Connecting, a_probe_succeeds_for_unix_sockets_of_any_type, types, type) {
    for (const auto& address : {system::SocketAddress::unix_path(directory.path("socket")),
                                system::SocketAddress::unix_abstract(
                                    "notifybridge-test-" + std::to_string(::getpid()))}) {
        BOOST_TEST(!check_unix(address).holds);
        const auto socket = bind(type, address);
        if (type != SOCK_DGRAM) {
            BOOST_TEST(!check_unix(address).holds);
            BOOST_TEST(::listen(socket.get(), 8) == 0);
        }
        BOOST_TEST(check_unix(address).holds);
    }
}

BOOST_AUTO_TEST_CASE(a_failed_connection_to_a_unix_socket_is_explained) {
    const auto address = system::SocketAddress::unix_path(directory.path("socket"));
    BOOST_TEST(check_unix(address).reason == "no such file or directory");
    {
        const auto socket = bind(SOCK_STREAM, address);
        BOOST_TEST(check_unix(address).reason == "connection refused");
    }
    BOOST_TEST(check_unix(address).reason == "connection refused");
    ::unlink(directory.path("socket").c_str());
    directory.write("socket", "no socket");
    BOOST_TEST(check_unix(address).reason == "connection refused");
}

BOOST_AUTO_TEST_CASE(a_probe_of_a_full_unix_socket_fails) {
    const auto address = system::SocketAddress::unix_path(directory.path("socket"));
    const auto socket = bind(SOCK_STREAM, address);
    BOOST_TEST(::listen(socket.get(), 0) == 0);
    const system::UniqueFd waiting(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    BOOST_TEST(::connect(waiting.get(), address.data(), address.size()) == 0);
    BOOST_TEST(check_unix(address).reason == "accepts no more connections");
}

BOOST_AUTO_TEST_CASE(connection_checks_leave_no_descriptor_behind) {
    const Listener listener;
    ConnectProbe probe(loop, "tcp", {listener.address()}, 10s);
    check(loop, probe);
    const std::size_t before = test::open_descriptors();
    for (int round = 0; round < 5; ++round)
        check(loop, probe);
    BOOST_TEST(test::open_descriptors() == before);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
