#include "init/hands/listen/listeners.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "init/hands/execute/units.hpp"
#include "init/hands/listen/listen_address.hpp"
#include "init/rules/unit_types/connections.hpp"
#include "support/descriptors.hpp"
#include "support/privileges.hpp"

namespace notifybridge::listen {
namespace {

using execute::test::Units;
using system::UniqueFd;
namespace tt = boost::unit_test;

int option(const UniqueFd& fd, int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    ::getsockopt(fd.get(), level, name, &value, &size);
    return value;
}

/// The open sockets of a unit with these lines.
struct Sockets : Units {
    unit::SocketSettings settings;
    InheritedFds inherited;
    std::vector<std::string> warnings;
    std::vector<Listener> all;

    explicit Sockets(const std::string& lines) { open(lines); }
    Sockets() = default;
    ~Sockets() { remove_files(settings, all); }

    void open(const std::string& lines) {
        load("a.service", "[Service]\nExecStart=/bin/true\n");
        settings = load("a.socket", "[Socket]\n" + lines + "\n").settings.socket;
        all = open_listeners(settings, inherited, warnings);
        for (const std::string& warning : warnings)
            BOOST_TEST_MESSAGE(warning);
    }

    struct stat status(const std::string& name) const {
        struct stat found {};
        ::lstat(directory.path(name).c_str(), &found);
        return found;
    }
};

/// Returns a port that is free on all addresses.
unsigned free_port() {
    const UniqueFd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    socklen_t size = sizeof address;
    ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin6_port);
}

/// Connects a client to the address that `listen` names. Returns an invalid descriptor if this
/// fails.
UniqueFd connect_to(const unit::Listen& listen) {
    const ListenAddress address = to_address(listen, unit::SocketProtocol::unset);
    UniqueFd client(::socket(address.family(), address.type | SOCK_CLOEXEC, address.protocol));
    if (::connect(client.get(), address.data(), address.size) < 0)
        return {};
    return client;
}

std::string failure_of(const std::string& lines) {
    Sockets sockets;
    try {
        sockets.open(lines);
    } catch (const std::system_error& error) {
        return error.what();
    }
    return "none";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listeners)

BOOST_AUTO_TEST_CASE(each_kind_of_socket_is_opened_in_the_order_of_the_unit) {
    const std::string port = std::to_string(free_port());
    const Sockets sockets("ListenStream=@/stream\nListenDatagram=@/dgram\n"
                          "ListenSequentialPacket=@/packet\nListenStream=127.0.0.1:" + port
                          + "\nListenDatagram=[::1]:" + port
                          + "\nListenNetlink=kobject-uevent 1\nListenFIFO=@/fifo\n"
                            "ListenSpecial=/dev/zero");
    BOOST_REQUIRE(sockets.all.size() == 8u);
    constexpr int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET,
                             SOCK_STREAM, SOCK_DGRAM, SOCK_RAW};
    for (std::size_t at = 0; at < std::size(types); ++at)
        BOOST_TEST(option(sockets.all[at].fd, SOL_SOCKET, SO_TYPE) == types[at]);
    for (const std::size_t at : {0, 2, 3}) {
        BOOST_TEST(sockets.all[at].accepts);
        BOOST_TEST(option(sockets.all[at].fd, SOL_SOCKET, SO_ACCEPTCONN) == 1);
    }
    BOOST_TEST(S_ISFIFO(sockets.status("fifo").st_mode));
    BOOST_TEST(sockets.all[6].path == sockets.directory.path("fifo"));
    char zero = 1;
    BOOST_TEST(::read(sockets.all[7].fd.get(), &zero, 1) == 1);
    for (const Listener& listener : sockets.all) {
        BOOST_TEST((::fcntl(listener.fd.get(), F_GETFL) & O_NONBLOCK) != 0);
        BOOST_TEST((::fcntl(listener.fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
    }
}

BOOST_AUTO_TEST_CASE(a_socket_with_an_abstract_name_has_no_file) {
    const std::string name = "nbtest-" + std::to_string(::getpid());
    Units units;
    unit::SocketSettings settings;
    settings.listen = {{unit::ListenType::stream, "@" + name}};
    InheritedFds none;
    std::vector<std::string> warnings;
    const auto all = open_listeners(settings, none, warnings);
    BOOST_TEST(all.front().path == "");
    BOOST_TEST(bool(connect_to(settings.listen.front())));
}

BOOST_AUTO_TEST_CASE(a_socket_protocol_applies_only_to_addresses_of_its_type) {
    const auto protocol = [](unit::ListenType type, unit::SocketProtocol wanted) {
        return to_address({type, "127.0.0.1:80"}, wanted).protocol;
    };
    using unit::ListenType, unit::SocketProtocol;
    BOOST_TEST(protocol(ListenType::stream, SocketProtocol::sctp) == IPPROTO_SCTP);
    BOOST_TEST(protocol(ListenType::sequential_packet, SocketProtocol::sctp) == IPPROTO_SCTP);
    BOOST_TEST(protocol(ListenType::datagram, SocketProtocol::sctp) == 0);
    BOOST_TEST(protocol(ListenType::datagram, SocketProtocol::udplite) == IPPROTO_UDPLITE);
    BOOST_TEST(protocol(ListenType::stream, SocketProtocol::udplite) == 0);
}

BOOST_AUTO_TEST_CASE(a_port_without_an_address_listens_on_ipv6_and_ipv4) {
    const std::string port = std::to_string(free_port());
    Sockets sockets("ListenStream=" + port);
    for (const std::string host : {"127.0.0.1:", "[::1]:"})
        BOOST_TEST(bool(connect_to({unit::ListenType::stream, host + port})));
    Sockets only;
    const std::string other = std::to_string(free_port());
    only.open("ListenStream=" + other + "\nBindIPv6Only=ipv6-only");
    BOOST_TEST(!connect_to({unit::ListenType::stream, "127.0.0.1:" + other}));
    BOOST_TEST(bool(connect_to({unit::ListenType::stream, "[::1]:" + other})));
}

BOOST_AUTO_TEST_CASE(socket_files_and_their_directories_have_their_own_modes) {
    const mode_t before = ::umask(0077);
    const Sockets sockets(
        "ListenStream=@/d/e/socket\nListenFIFO=@/d/fifo\nSocketMode=0620\n"
        "DirectoryMode=0711");
    ::umask(before);
    BOOST_TEST((sockets.status("d/e/socket").st_mode & 07777) == 0620u);
    BOOST_TEST((sockets.status("d/fifo").st_mode & 07777) == 0620u);
    BOOST_TEST((sockets.status("d/e").st_mode & 07777) == 0711u);
}

BOOST_AUTO_TEST_CASE(socket_files_have_the_owner_that_the_unit_names,
                     *tt::precondition(notifybridge::test::is_root)) {
    for (int again = 0; again < 2; ++again) {
        const Sockets sockets(
            "ListenStream=@/socket\nListenFIFO=@/fifo\nSocketUser=daemon\n"
            "SocketGroup=audio");
        BOOST_TEST(sockets.status("socket").st_uid == 1u);
        BOOST_TEST(sockets.status("socket").st_gid == 29u);
        BOOST_TEST(sockets.status("fifo").st_uid == 1u);
    }
    Sockets refused;
    BOOST_CHECK_THROW(refused.open("ListenStream=@/x\nSocketUser=nobody-there"),
                      unit_types::OwnerError);
    BOOST_TEST(failure_of("ListenStream=@/x\nSocketUser=nobody-there").find("No such process")
               != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_leftover_socket_file_is_replaced) {
    Sockets sockets("ListenStream=@/socket\nListenFIFO=@/fifo");
    remove_files(sockets.settings, sockets.all);
    sockets.all.clear();
    BOOST_TEST(S_ISSOCK(sockets.status("socket").st_mode));
    sockets.open("ListenStream=@/socket\nListenFIFO=@/fifo");
    BOOST_TEST(bool(connect_to(sockets.settings.listen.front())));
}

BOOST_AUTO_TEST_CASE(remove_on_stop_removes_socket_files_and_links) {
    Sockets sockets("ListenStream=@/socket\nListenDatagram=[::1]:" + std::to_string(free_port())
                    + "\nSymlinks=@/d/link\nRemoveOnStop=yes");
    BOOST_TEST(std::filesystem::read_symlink(sockets.directory.path("d/link")).string()
               == sockets.directory.path("socket"));
    remove_files(sockets.settings, sockets.all);
    BOOST_TEST(sockets.status("socket").st_mode == 0u);
    BOOST_TEST(sockets.status("d/link").st_mode == 0u);
}

BOOST_AUTO_TEST_CASE(options_are_set_on_listeners_and_connections) {
    Sockets sockets("ListenStream=127.0.0.1:" + std::to_string(free_port())
                    + "\nAccept=no\nKeepAlive=yes\nKeepAliveTimeSec=100\nKeepAliveIntervalSec=7\n"
                      "KeepAliveProbes=3\nNoDelay=yes\nIPTTL=33\nIPTOS=low-delay\n"
                      "ReceiveBuffer=64K\nReusePort=yes\nTCPCongestion=reno");
    const auto check = [](const UniqueFd& fd) {
        BOOST_TEST(option(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
        BOOST_TEST(option(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 100);
        BOOST_TEST(option(fd, IPPROTO_TCP, TCP_KEEPINTVL) == 7);
        BOOST_TEST(option(fd, IPPROTO_TCP, TCP_KEEPCNT) == 3);
        BOOST_TEST(option(fd, IPPROTO_TCP, TCP_NODELAY) == 1);
        BOOST_TEST(option(fd, IPPROTO_IP, IP_TTL) == 33);
        BOOST_TEST(option(fd, IPPROTO_IP, IP_TOS) == 0x10);
        BOOST_TEST(option(fd, SOL_SOCKET, SO_RCVBUF) == 128 * 1024);
    };
    check(sockets.all[0].fd);
    BOOST_TEST(option(sockets.all[0].fd, SOL_SOCKET, SO_REUSEPORT) == 1);
    const UniqueFd client = connect_to(sockets.settings.listen[0]);
    const auto accepted = accept(sockets.all[0], sockets.settings);
    BOOST_REQUIRE(accepted);
    check(accepted->fd);
}

BOOST_AUTO_TEST_CASE(options_of_datagram_sockets_are_set) {
    const Sockets sockets("ListenDatagram=127.0.0.1:" + std::to_string(free_port())
                          + "\nBroadcast=yes\nPassPacketInfo=yes\nTimestamping=us\n"
                            "ListenDatagram=@/dgram\nPassCredentials=yes\nPriority=2");
    BOOST_TEST(option(sockets.all[0].fd, SOL_SOCKET, SO_BROADCAST) == 1);
    BOOST_TEST(option(sockets.all[0].fd, IPPROTO_IP, IP_PKTINFO) == 1);
    BOOST_TEST(option(sockets.all[0].fd, SOL_SOCKET, SO_TIMESTAMP) == 1);
    BOOST_TEST(option(sockets.all[1].fd, SOL_SOCKET, SO_PASSCRED) == 1);
    BOOST_TEST(option(sockets.all[1].fd, SOL_SOCKET, SO_PRIORITY) == 2);
}

BOOST_AUTO_TEST_CASE(a_socket_option_that_fails_is_a_warning) {
    const Sockets sockets("ListenStream=@/socket\nNoDelay=yes\nTCPCongestion=none-such");
    BOOST_TEST(sockets.warnings.size() == 2u);
    BOOST_TEST(sockets.warnings.front().starts_with("cannot set NoDelay= for /"));
}

BOOST_AUTO_TEST_CASE(a_failed_listener_leaves_no_socket_open) {
    const std::string port = std::to_string(free_port());
    const Sockets taken("ListenStream=127.0.0.1:" + port);
    const std::size_t before = notifybridge::test::open_descriptors();
    BOOST_TEST(failure_of("ListenStream=@/socket\nListenStream=127.0.0.1:" + port)
               == "127.0.0.1:" + port + ": Address already in use");
    BOOST_TEST(failure_of("ListenSpecial=/no/such") == "/no/such: No such file or directory");
    BOOST_TEST(failure_of("ListenSpecial=/etc") == "/etc: File exists");
    BOOST_TEST(failure_of("ListenFIFO=@/units/a.service").ends_with("a.service: File exists"));
    BOOST_TEST(failure_of("ListenStream=[::1]:99%%no-such0")
               == "[::1]:99%no-such0: No such device");
    BOOST_TEST(notifybridge::test::open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(a_connection_has_both_addresses_and_the_peer) {
    const std::string port = std::to_string(free_port());
    Sockets sockets("ListenStream=" + port + "\nListenStream=@/socket");
    BOOST_TEST(!accept(sockets.all[0], sockets.settings));
    const UniqueFd client = connect_to({unit::ListenType::stream, "127.0.0.1:" + port});
    const auto accepted = accept(sockets.all[0], sockets.settings);
    BOOST_REQUIRE(accepted);
    BOOST_TEST(unit_types::host_text(accepted->local) == "127.0.0.1");
    BOOST_TEST(std::to_string(unit_types::port_of(accepted->local)) == port);
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(client.get(), reinterpret_cast<sockaddr*>(&own), &size);
    const unit::Environment expected = {"REMOTE_ADDR=127.0.0.1",
                                        util::concat("REMOTE_PORT=", ntohs(own.sin_port))};
    BOOST_TEST((remote_variables(accepted->fd) == expected));
    BOOST_TEST(!accepted->peer);

    const UniqueFd local = connect_to(sockets.settings.listen[1]);
    const auto from_us = accept(sockets.all[1], sockets.settings);
    BOOST_REQUIRE(from_us);
    BOOST_REQUIRE(from_us->peer);
    BOOST_TEST(from_us->peer->pid == ::getpid());
    BOOST_TEST(from_us->peer->uid == ::geteuid());
    BOOST_TEST(remote_variables(from_us->fd).empty());
}

BOOST_AUTO_TEST_CASE(pending_connections_can_be_flushed) {
    Sockets sockets("ListenStream=@/stream\nListenDatagram=@/dgram\nListenFIFO=@/fifo");
    const UniqueFd client = connect_to(sockets.settings.listen[0]);
    const UniqueFd sender = connect_to(sockets.settings.listen[1]);
    BOOST_REQUIRE(::write(sender.get(), "message", 7) == 7);
    const UniqueFd writer(::open(sockets.directory.path("fifo").c_str(), O_WRONLY | O_NONBLOCK));
    BOOST_REQUIRE(::write(writer.get(), "more", 4) == 4);
    for (const Listener& listener : sockets.all) {
        BOOST_TEST(notifybridge::test::is_ready(listener.fd, POLLIN));
        flush(listener);
        BOOST_TEST(!notifybridge::test::is_ready(listener.fd, POLLIN));
        flush(listener);
    }
}

BOOST_AUTO_TEST_CASE(an_inherited_descriptor_is_found_by_its_address) {
    const std::string port = std::to_string(free_port());
    const std::string lines = "ListenStream=@/stream\nListenStream=127.0.0.1:" + port
                              + "\nListenDatagram=127.0.0.1:" + port + "\nListenFIFO=@/fifo";
    Sockets sockets(lines);
    std::vector<UniqueFd> fds;
    std::vector<int> numbers;
    for (Listener& listener : sockets.all)
        numbers.push_back(listener.fd.get());
    for (const std::size_t at : {2, 0, 3, 1})
        fds.push_back(std::move(sockets.all[at].fd));
    // This inherited descriptor belongs to no unit.
    fds.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    InheritedFds inherited(std::move(fds));
    std::vector<std::string> warnings;
    const auto again = open_listeners(sockets.settings, inherited, warnings);
    for (std::size_t at = 0; at < again.size(); ++at)
        BOOST_TEST(again[at].fd.get() == numbers[at]);
    BOOST_TEST(inherited.count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_descriptor_name_is_the_given_name_or_that_of_the_unit) {
    unit::SocketSettings settings;
    BOOST_TEST(fd_name(settings, "a.socket") == "a.socket");
    settings.file_descriptor_name = "web";
    BOOST_TEST(fd_name(settings, "a.socket") == "web");
}

BOOST_AUTO_TEST_CASE(a_vsock_address_is_converted_for_the_kernel) {
    const auto address =
        to_address({unit::ListenType::stream, "vsock:2:1234"}, unit::SocketProtocol::unset);
    BOOST_TEST(address.family() == AF_VSOCK);
    BOOST_TEST(unit_types::host_text(address.address) == "vsock:2");
    BOOST_TEST(unit_types::port_of(address.address) == 1234u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::listen
