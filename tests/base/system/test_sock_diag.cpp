#include "base/system/sock_diag.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/system/fd.hpp"
#include "base/system/socket_address.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::system {
namespace {

/// The ways to get the sockets.
enum class Source { kernel, tables };

std::vector<Listener> listeners_of(Source source, Transport transport, std::uint16_t port) {
    auto found = source == Source::kernel ? SockDiag().listeners(transport, port)
                                          : listeners_in_proc(transport);
    std::erase_if(found, [&](const Listener& listener) { return listener.port != port; });
    return found;
}

std::vector<LocalListener> local_listeners_of(Source source) {
    return source == Source::kernel ? SockDiag().local_listeners() : local_listeners_in_proc();
}

std::uint64_t inode_of(const UniqueFd& socket) {
    struct stat status {};
    ::fstat(socket.get(), &status);
    return status.st_ino;
}

/// Binds a new socket to `host`, at a port that the kernel chooses.
UniqueFd bind(const char* host, int type) {
    const auto address = *SocketAddress::internet(host, 0);
    UniqueFd socket(::socket(address.family(), type | SOCK_CLOEXEC, 0));
    BOOST_TEST_REQUIRE(::bind(socket.get(), address.data(), address.size()) == 0);
    return socket;
}

std::uint16_t port_of(const UniqueFd& socket) {
    sockaddr_in6 address{};
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    return ntohs(address.sin6_port);
}

const Source sources[] = {Source::kernel, Source::tables};
const char* const hosts[] = {"127.0.0.1", "0.0.0.0", "::1", "::"};

bool has_v6() {
    return UniqueFd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)).get() >= 0
           && ::access("/proc/net/if_inet6", F_OK) == 0;
}

/// Makes socket(2) fail for AF_NETLINK, as in a unit with RestrictAddressFamilies=.
bool forbid_netlink() {
    auto filter = std::to_array<sock_filter>({
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    });
    const sock_fprog program{filter.size(), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0
           && ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0;
}

std::ostream& operator<<(std::ostream& out, Source source) {
    return out << (source == Source::kernel ? "kernel" : "tables");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sock_diag)

BOOST_DATA_TEST_CASE(a_tcp_socket_is_found_only_while_it_listens,
                     boost::unit_test::data::make(sources) * boost::unit_test::data::make(hosts),
                     source, host) {
    if (std::string_view(host).find(':') != std::string_view::npos && !has_v6())
        return;
    UniqueFd socket = bind(host, SOCK_STREAM);
    const std::uint16_t port = port_of(socket);
    BOOST_TEST(listeners_of(source, Transport::tcp, port).empty());
    BOOST_TEST_REQUIRE(::listen(socket.get(), 8) == 0);
    const auto found = listeners_of(source, Transport::tcp, port);
    BOOST_TEST_REQUIRE(found.size() == 1u);
    BOOST_TEST(found.front().host == host);
    BOOST_TEST(found.front().inode == inode_of(socket));
    socket.reset();
    BOOST_TEST(listeners_of(source, Transport::tcp, port).empty());
}

BOOST_DATA_TEST_CASE(a_bound_udp_socket_is_found_without_a_peer,
                     boost::unit_test::data::make(sources), source) {
    const UniqueFd socket = bind("127.0.0.1", SOCK_DGRAM);
    const auto found = listeners_of(source, Transport::udp, port_of(socket));
    BOOST_TEST_REQUIRE(found.size() == 1u);
    BOOST_TEST(found.front().inode == inode_of(socket));
    const auto peer = *SocketAddress::internet("127.0.0.1", 9);
    BOOST_TEST_REQUIRE(::connect(socket.get(), peer.data(), peer.size()) == 0);
    BOOST_TEST(listeners_of(source, Transport::udp, port_of(socket)).empty());
}

BOOST_DATA_TEST_CASE(local_sockets_are_found_by_their_names, boost::unit_test::data::make(sources),
                     source) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("s");
    const auto has = [&](const UniqueFd& socket, const std::string& name) {
        const auto found = local_listeners_of(source);
        return std::ranges::find(found, LocalListener{name, inode_of(socket)}) != found.end();
    };
    const UniqueFd stream(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = SocketAddress::unix_path(path);
    BOOST_TEST_REQUIRE(::bind(stream.get(), address.data(), address.size()) == 0);
    BOOST_TEST(!has(stream, path));
    BOOST_TEST_REQUIRE(::listen(stream.get(), 8) == 0);
    BOOST_TEST(has(stream, path));
    const UniqueFd datagrams(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto abstract = SocketAddress::unix_abstract("notifybridge.test_sock_diag");
    BOOST_TEST_REQUIRE(::bind(datagrams.get(), abstract.data(), abstract.size()) == 0);
    BOOST_TEST(has(datagrams, "@notifybridge.test_sock_diag"));
}

BOOST_AUTO_TEST_CASE(the_kernel_says_whether_a_v6_socket_takes_v4) {
    if (!has_v6())
        return;
    for (const int is_v6_only : {0, 1}) {
        const auto address = *SocketAddress::internet("::", 0);
        const UniqueFd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &is_v6_only, sizeof is_v6_only);
        BOOST_TEST_REQUIRE(::bind(socket.get(), address.data(), address.size()) == 0);
        BOOST_TEST_REQUIRE(::listen(socket.get(), 8) == 0);
        const auto found = SockDiag().listeners(Transport::tcp, port_of(socket));
        BOOST_TEST_REQUIRE(found.size() == 1u);
        BOOST_TEST(found.front().is_v6_only == (is_v6_only != 0));
    }
}

BOOST_AUTO_TEST_CASE(more_sockets_than_fit_in_one_answer_are_found) {
    std::vector<UniqueFd> sockets;
    for (int count = 0; count < 600; ++count) {
        sockets.push_back(bind("127.0.0.1", SOCK_STREAM));
        BOOST_TEST_REQUIRE(::listen(sockets.back().get(), 8) == 0);
    }
    SockDiag diag;
    for (int turn = 0; turn < 2; ++turn) {
        const auto found = diag.listeners(Transport::tcp, 0);
        for (const UniqueFd& socket : sockets)
            BOOST_TEST(std::ranges::count(found, inode_of(socket), &Listener::inode) == 1);
    }
}

BOOST_AUTO_TEST_CASE(the_tables_replace_a_kernel_that_does_not_answer) {
    const UniqueFd socket = bind("127.0.0.1", SOCK_STREAM);
    BOOST_TEST_REQUIRE(::listen(socket.get(), 8) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        if (!forbid_netlink())
            ::_exit(2);
        const auto found = SockDiag().listeners(Transport::tcp, port_of(socket));
        ::_exit(found.size() == 1 && found.front().inode == inode_of(socket) ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
