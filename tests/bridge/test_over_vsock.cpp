// Some versions of <linux/vm_sockets.h> need this header and do not include it.
#include <sys/socket.h>

#include <linux/vm_sockets.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bridge/bridge.hpp"
#include "bridge/relay/uplink.hpp"
#include "bridge/wrap/straight_outlet.hpp"
#include "support/run_loop.hpp"

// Many machines have no vsocks, so the tests use local sockets of the same types. There are no
// datagram sockets, and connecting takes time if `is_slow` is set.
namespace {

/// The path of the service manager's socket, which takes the place of the port.
std::string place;
bool is_slow = false;

}  // namespace

extern "C" {

int __real_socket(int domain, int type, int protocol);
int __real_connect(int socket, const sockaddr* address, socklen_t size);
int __real_bind(int socket, const sockaddr* address, socklen_t size);

int __wrap_socket(int domain, int type, int protocol) {
    if (domain != AF_VSOCK)
        return __real_socket(domain, type, protocol);
    if ((type & 0xF) == SOCK_DGRAM) {
        errno = ENODEV;
        return -1;
    }
    return __real_socket(AF_UNIX, type, protocol);
}

int __wrap_bind(int socket, const sockaddr* address, socklen_t size) {
    return address->sa_family == AF_VSOCK ? 0 : __real_bind(socket, address, size);
}

int __wrap_connect(int socket, const sockaddr* address, socklen_t size) {
    if (address->sa_family != AF_VSOCK)
        return __real_connect(socket, address, size);
    const auto peer = notifybridge::system::SocketAddress::unix_path(place);
    const int result = __real_connect(socket, peer.data(), peer.size());
    if (result < 0 || !is_slow)
        return result;
    errno = EINPROGRESS;
    return -1;
}

}  // extern "C"

namespace notifybridge::bridge {
namespace {

using namespace std::chrono_literals;

/// A service manager on another machine. It reads only when a test calls a function.
class Manager {
public:
    Manager(const std::string& path, int type)
        : listener_(system::make_socket(AF_UNIX, type)), path_(path) {
        const auto address = system::SocketAddress::unix_path(path);
        BOOST_TEST_REQUIRE(::bind(listener_.get(), address.data(), address.size()) == 0);
        BOOST_TEST_REQUIRE(::listen(listener_.get(), 100) == 0);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() { ::unlink(path_.c_str()); }

    /// Reads the pending part of the next message. Returns the message when it is complete.
    std::optional<std::string> next() {
        if (!connection_)
            connection_.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
        char piece[4096];
        for (ssize_t size; connection_; text_.append(piece, static_cast<std::size_t>(size))) {
            size = ::recv(connection_.get(), piece, sizeof piece, 0);
            if (size < 0)
                return std::nullopt;
            if (size == 0)
                break;
        }
        if (!connection_)
            return std::nullopt;
        connection_.reset();
        return std::exchange(text_, {});
    }

    /// Returns whether a client wants to send, or has sent and waits.
    bool is_wanted() const { return test::is_ready(listener_, POLLIN); }

private:
    system::UniqueFd listener_;
    system::UniqueFd connection_;
    std::string path_;
    std::string text_;
};

const notify::Address far_away{notify::Address::Kind::vsock, {}, VMADDR_CID_HOST, 9999, 0};

struct Line {
    test::TemporaryDirectory directory;
    std::string path = directory.path("manager.sock");
    event::Loop loop;
    relay::Uplink uplink{loop, far_away};

    Line() {
        place = path;
        is_slow = false;
    }

    void send_later(std::string text) {
        loop.spawn([this, text = std::move(text)]() -> event::Awaitable<> {
            const notify::Attempt sent = co_await uplink.send(text);
            ++(sent ? done : failed);
        });
    }

    void until(std::function<bool()> condition) {
        test::run(loop, [&] { return test::until(loop, std::move(condition)); });
    }

    int done = 0;
    int failed = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(uplink_over_vsock, Line)

BOOST_AUTO_TEST_CASE(a_message_arrives_over_stream_and_packet_sockets) {
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET})
        for (const bool slow : {false, true}) {
            is_slow = slow;
            Manager manager(path, type);
            done = 0;
            send_later("READY=1\nSTATUS=up");
            std::string received;
            until([&] {
                received += manager.next().value_or("");
                return done == 1;
            });
            BOOST_TEST(received == "READY=1\nSTATUS=up");
        }
}

BOOST_AUTO_TEST_CASE(a_message_counts_as_sent_when_the_peer_has_read_the_message) {
    Manager manager(path, SOCK_STREAM);
    send_later("READY=1");
    // Runs the loop, so that other coroutines continue.
    until([&] { return manager.is_wanted(); });
    test::run(loop, [this]() -> event::Awaitable<> {
        event::Timer pause(loop);
        for (int turn = 0; turn < 20; ++turn)
            co_await pause.sleep(1ms);
    });
    BOOST_TEST(done == 0);
    until([&] {
        manager.next();
        return done == 1;
    });
}

BOOST_AUTO_TEST_CASE(a_manager_that_starts_late_gets_the_whole_message) {
    send_later("READY=1");
    test::run(loop, [this]() -> event::Awaitable<> { co_await loop.yield(); });
    Manager manager(path, SOCK_SEQPACKET);
    std::string received;
    until([&] {
        received += manager.next().value_or("");
        return done == 1;
    });
    BOOST_TEST(received == "READY=1");
}

BOOST_AUTO_TEST_CASE(a_message_is_sent_again_if_its_reader_has_gone) {
    std::optional<Manager> manager(std::in_place, path, SOCK_SEQPACKET);
    send_later("READY=1");
    until([&] { return manager->is_wanted(); });
    manager.reset();
    manager.emplace(path, SOCK_SEQPACKET);
    std::string received;
    until([&] {
        received += manager->next().value_or("");
        return done == 1;
    });
    BOOST_TEST(received == "READY=1");
}

BOOST_AUTO_TEST_CASE(giving_up_ends_the_wait_for_the_reader_of_a_message) {
    Manager manager(path, SOCK_STREAM);
    send_later("READY=1");
    until([&] { return manager.is_wanted(); });
    uplink.give_up();
    until([&] { return failed == 1; });
}

BOOST_AUTO_TEST_CASE(a_barrier_over_vsock_is_released_without_being_sent) {
    Manager manager(path, SOCK_STREAM);
    bool is_passed = false;
    loop.spawn([&]() -> event::Awaitable<> {
        const notify::Attempt sent = co_await uplink.send("READY=1");
        const auto passed = co_await uplink.send_barrier();
        is_passed = sent && passed && test::is_ready(*passed, POLLIN);
    });
    until([&] { return manager.is_wanted(); });
    BOOST_TEST(!is_passed);
    until([&] {
        manager.next();
        return is_passed;
    });
    BOOST_TEST(!manager.is_wanted());
}

BOOST_AUTO_TEST_CASE(a_refused_descriptor_does_not_stop_the_next_message) {
    Manager manager(path, SOCK_STREAM);
    BOOST_TEST(!uplink.carries_fds());
    test::run(loop, [this]() -> event::Awaitable<> {
        const std::vector<system::Fd> fds(1, system::Fd(STDERR_FILENO));
        const notify::Attempt sent = co_await uplink.send("FDSTORE=1", fds);
        BOOST_TEST(sent.is_impossible());
    });
    send_later("READY=1");
    until([&] {
        manager.next();
        return done == 1;
    });
}

BOOST_AUTO_TEST_CASE(a_wrap_without_a_directory_keeps_the_order_of_barriers) {
    Manager manager(path, SOCK_STREAM);
    wrap::StraightOutlet outlet(loop, relay::Policy(), far_away);
    outlet.start();
    const auto take = [&](std::string_view text) {
        notify::Datagram datagram{text, {}, {}};
        datagram.fds.push_back(event::duplicate(system::Fd(STDERR_FILENO)));
        outlet.take(datagram, *notify::parse(text), {1, 1});
    };
    take("FDSTORE=1\nSTATUS=stored");
    notify::Barrier barrier;
    {
        // Send the barrier over a socket, so that the outlet gets a new descriptor from the kernel.
        test::Manager socket(directory.path("own.sock"));
        notify::Sender sender(bridge::address_of(directory.path("own.sock")));
        BOOST_TEST(bool(barrier.send(sender)));
        auto received = socket.next();
        outlet.take_barrier(std::move(received.value().fds.at(0)), {}, {});
    }
    take("READY=1");
    until([&] { return manager.is_wanted(); });
    BOOST_TEST(!test::is_ready(barrier.passed(), POLLIN));
    std::string received;
    until([&] {
        if (const auto text = manager.next())
            received += *text + ';';
        return received.ends_with("READY=1;");
    });
    BOOST_TEST(received == "STATUS=stored;READY=1;");
    BOOST_TEST(test::is_ready(barrier.passed(), POLLIN));
    BOOST_TEST(outlet.drops().counters().count(notify::DropReason::refused_key) == 1u);
    test::run(loop, [&] { return outlet.finish({}, 1h); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::bridge
