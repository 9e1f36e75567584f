#include "base/process/fd_closer.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <string>

#include "base/system/datagram.hpp"
#include "base/system/limits.hpp"
#include "base/system/pipe.hpp"
#include "base/system/socket_address.hpp"
#include "support/descriptors.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::process {
namespace {

using system::Fd;
using system::UniqueFd;

constexpr int linger_seconds = 300;

struct SocketPair {
    UniqueFd ours;
    UniqueFd other;

    explicit SocketPair(int type) {
        std::array<int, 2> fds{};
        BOOST_REQUIRE(::socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data())
                      == 0);
        ours = UniqueFd(fds[0]);
        other = UniqueFd(fds[1]);
    }

    void send(std::string_view text, Fd fd) const {
        BOOST_REQUIRE(system::send_datagram(other, std::as_bytes(std::span(text)), {&fd, 1}));
    }
    bool is_open() const {
        return ::send(other.get(), "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 || errno == EAGAIN;
    }
};

/// A TCP connection whose last close(2) waits until the peer has read everything. The peer never
/// reads.
class LingeringConnection {
public:
    LingeringConnection() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        BOOST_REQUIRE(::bind(listener_.get(), generic, size) == 0);
        BOOST_REQUIRE(::listen(listener_.get(), 1) == 0);
        BOOST_REQUIRE(::getsockname(listener_.get(), generic, &size) == 0);
        ::connect(fd.get(), generic, size);
        peer_ = UniqueFd(::accept(listener_.get(), nullptr, nullptr));
        BOOST_REQUIRE(test::is_ready(fd, POLLOUT, 10'000));
        const std::string much(1024 * 1024, 'x');
        while (::send(fd.get(), much.data(), much.size(), MSG_NOSIGNAL) > 0) {
        }
        const linger on{1, linger_seconds};
        BOOST_REQUIRE(::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &on, sizeof on) == 0);
    }

    UniqueFd fd = system::make_socket(AF_INET, SOCK_STREAM);

private:
    UniqueFd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    UniqueFd peer_;
};

struct World {
    event::Loop loop;
    FdCloser closer{loop};
    std::vector<pid_t> children;
    bool stops_children = false;

    World() {
        closer.on_child = [this](pid_t child) {
            children.push_back(child);
            if (stops_children)
                ::kill(child, SIGSTOP);
        };
    }
    ~World() {
        for (const pid_t child : children) {
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, 0);
        }
    }
    void until(std::function<bool()> is_so) {
        test::run(loop,
                  [&]() -> event::Awaitable<> { co_await test::until(loop, std::move(is_so)); });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fd_closer)

BOOST_AUTO_TEST_CASE(a_lingering_connection_in_the_queue_of_a_socket_does_not_block) {
    World world;
    SocketPair sockets(SOCK_DGRAM);
    LingeringConnection connection;
    sockets.send("x", connection.fd);
    connection.fd.reset();
    const auto begin = event::Deadline::now();
    world.closer.close(std::move(sockets.ours));
    world.until([&] { return !sockets.is_open(); });
    BOOST_TEST((event::Deadline::now() - begin < std::chrono::seconds(linger_seconds / 2)));
    BOOST_TEST(world.children.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_pipe_and_a_small_file_in_memory_are_closed_at_once) {
    World world;
    system::Pipe pipe = system::make_pipe();
    world.closer.close(std::move(pipe.writing));
    BOOST_TEST(test::is_ready(pipe.reading, POLLIN));
    const std::size_t open_before = test::open_descriptors();
    world.closer.close(UniqueFd(::memfd_create("small", MFD_CLOEXEC)));
    world.closer.close(UniqueFd());
    BOOST_TEST(test::open_descriptors() == open_before);
    BOOST_TEST(world.children.empty());
}

BOOST_AUTO_TEST_CASE(only_pipes_and_small_memfds_are_harmless) {
    const HarmlessFiles harmless;
    const system::Pipe pipe = system::make_pipe();
    BOOST_TEST(harmless.contain(pipe.reading));
    const UniqueFd file(::memfd_create("file", MFD_CLOEXEC));
    BOOST_TEST(harmless.contain(file));
    BOOST_REQUIRE(::fallocate(file.get(), 0, 0, 17 * 1024 * 1024) == 0);
    BOOST_TEST(!harmless.contain(file));
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("fifo");
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    BOOST_TEST(!harmless.contain(UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC))));
    BOOST_TEST(!harmless.contain(UniqueFd(::open("/dev/shm", O_RDONLY | O_CLOEXEC))));
    BOOST_TEST(!harmless.contain(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC))));
    BOOST_TEST(!harmless.contain(SocketPair(SOCK_DGRAM).ours));
    BOOST_TEST(!harmless.contain(UniqueFd()));
}

BOOST_AUTO_TEST_CASE(one_child_closes_all_descriptors_of_a_turn) {
    World world;
    std::vector<SocketPair> pairs;
    std::vector<UniqueFd> fds;
    for (int at = 0; at < 500; ++at)
        fds.push_back(std::move(pairs.emplace_back(SOCK_DGRAM).ours));
    const std::size_t open_before = test::open_descriptors();
    world.closer.close(std::move(fds));
    world.until([&] { return std::ranges::none_of(pairs, &SocketPair::is_open); });
    BOOST_TEST(world.children.size() == 1u);
    world.until([&] { return test::open_descriptors() + 500 <= open_before; });
}

BOOST_AUTO_TEST_CASE(the_address_of_a_socket_is_free_afterwards) {
    World world;
    const auto address =
        system::SocketAddress::unix_abstract("fd-closer-" + std::to_string(::getpid()));
    for (int round = 0; round < 20; ++round) {
        UniqueFd socket = system::make_socket(AF_UNIX, SOCK_DGRAM);
        BOOST_TEST_REQUIRE(::bind(socket.get(), address.data(), address.size()) == 0);
        std::vector<UniqueFd> sockets;
        sockets.push_back(std::move(socket));
        world.closer.close_now(std::move(sockets), std::chrono::minutes(1));
    }
}

BOOST_AUTO_TEST_CASE(a_connection_without_further_packets_needs_no_child) {
    World world;
    SocketPair sockets(SOCK_SEQPACKET);
    world.closer.close_connection(std::move(sockets.ours));
    BOOST_TEST(!sockets.is_open());
    world.closer.close_connection(UniqueFd());
    BOOST_TEST(world.children.empty());
}

BOOST_AUTO_TEST_CASE(the_packets_behind_an_empty_packet_do_not_block) {
    World world;
    SocketPair sockets(SOCK_SEQPACKET);
    LingeringConnection connection;
    BOOST_REQUIRE(::send(sockets.other.get(), "", 0, 0) == 0);
    sockets.send("", connection.fd);
    connection.fd.reset();
    const auto begin = event::Deadline::now();
    world.closer.close_connection(std::move(sockets.ours));
    BOOST_TEST(!sockets.is_open());
    world.until([&] { return !world.children.empty(); });
    BOOST_TEST((event::Deadline::now() - begin < std::chrono::seconds(linger_seconds / 2)));
}

BOOST_AUTO_TEST_CASE(the_packets_of_a_client_that_has_reset_the_connection_do_not_block) {
    World world;
    SocketPair sockets(SOCK_SEQPACKET);
    LingeringConnection connection;
    sockets.send("x", connection.fd);
    connection.fd.reset();
    BOOST_REQUIRE(::send(sockets.ours.get(), "answer", 6, 0) == 6);
    sockets.other.reset();
    const auto begin = event::Deadline::now();
    world.closer.close_connection(std::move(sockets.ours));
    world.until([&] { return !world.children.empty(); });
    BOOST_TEST((event::Deadline::now() - begin < std::chrono::seconds(linger_seconds / 2)));
}

BOOST_AUTO_TEST_CASE(descriptors_wait_while_no_child_can_be_created) {
    World world;
    SocketPair sockets(SOCK_DGRAM);
    {
        const test::DescriptorsUsedUp used_up;
        std::vector<UniqueFd> fds;
        fds.push_back(std::move(sockets.ours));
        world.closer.close_now(std::move(fds));
        BOOST_TEST(sockets.is_open());
    }
    world.until([&] { return !sockets.is_open(); });
}

BOOST_AUTO_TEST_CASE(children_that_hang_are_limited) {
    World world;
    world.stops_children = true;
    std::vector<SocketPair> pairs;
    for (std::size_t at = 0; at < FdCloser::most_children; ++at) {
        world.closer.close(std::move(pairs.emplace_back(SOCK_DGRAM).ours));
        world.until([&] { return world.children.size() > at; });
    }
    SocketPair& last = pairs.emplace_back(SOCK_DGRAM);
    world.closer.close(std::move(last.ours));
    BOOST_TEST(world.children.size() == FdCloser::most_children);
    system::raise_open_files_limit();
    BOOST_TEST(!world.closer.is_full());
    for (std::size_t at = 1; at < FdCloser::most_waiting; ++at)
        world.closer.close(UniqueFd(::dup(pairs.front().other.get())));
    BOOST_TEST(world.closer.is_full());
    BOOST_TEST(last.is_open());
    world.stops_children = false;
    ::kill(world.children.front(), SIGCONT);
    world.until([&] { return !last.is_open(); });
    BOOST_TEST(!world.closer.is_full());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
