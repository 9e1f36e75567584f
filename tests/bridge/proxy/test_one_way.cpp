#include "bridge/proxy/one_way.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>

#include "bridge/probe/server.hpp"
#include "support/descriptors.hpp"

namespace notifybridge::proxy {

std::ostream& operator<<(std::ostream& out, OneWay::Step step) {
    return out << static_cast<int>(step);
}

namespace {

using namespace std::chrono_literals;
using Step = OneWay::Step;

struct Pair {
    Pair() {
        int ends[2];
        BOOST_TEST_REQUIRE(
            ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
        near.reset(ends[0]);
        far.reset(ends[1]);
    }

    system::UniqueFd near;  ///< The end that the tested code uses.
    system::UniqueFd far;
};

std::string receive(system::Fd socket) {
    std::string text(1 << 20, '\0');
    const ssize_t size = ::recv(socket.get(), text.data(), text.size(), MSG_DONTWAIT);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
}

struct Way {
    Way() { std::signal(SIGPIPE, SIG_IGN); }

    Step advance() { return way.advance(from.near, to.near); }
    void send(std::string_view text) const {
        BOOST_TEST_REQUIRE(::send(from.far.get(), text.data(), text.size(), 0)
                           == static_cast<ssize_t>(text.size()));
    }

    /// Advances until `way` has to wait. Returns the last step, which is the reason for the wait.
    Step advance_far() {
        Step step = advance();
        while (step == Step::moved)
            step = advance();
        return step;
    }

    Pair from;
    Pair to;
    PipePool pool;
    OneWay way{pool};
};

/// Waits until poll(2) reports `event`. Returns false if it takes too long.
bool has_event(system::Fd socket, short event) {
    pollfd polled{socket.get(), event, 0};
    return ::poll(&polled, 1, 20000) == 1 && (polled.revents & event) != 0;
}

/// A listening TCP socket whose backlog is full, and a connection that waits for room. With
/// TCP_DEFER_ACCEPT, a connection needs room only when its first bytes arrive (tcp(7)).
class FullBacklog {
public:
    FullBacklog() {
        const int seconds = 30;
        BOOST_TEST_REQUIRE(::setsockopt(listener_.fd().get(), IPPROTO_TCP, TCP_DEFER_ACCEPT,
                                        &seconds, sizeof seconds)
                           == 0);
        // A queue is full when it has one more connection than its limit.
        BOOST_TEST_REQUIRE(::listen(listener_.fd().get(), 1) == 0);
    }

    /// Returns the connection that waits for room.
    system::UniqueFd connect() {
        first_ = connect_one();
        fill(first_);
        system::UniqueFd waiting = connect_one();
        second_ = connect_one();
        fill(second_);
        return waiting;
    }

    /// Makes room, and returns the other end of the waiting connection when its first bytes have
    /// arrived.
    system::UniqueFd accept() {
        accept_one();
        accept_one();
        return accept_one();
    }

    void close() { listener_.close(); }

private:
    system::UniqueFd connect_one() const {
        system::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto address = listener_.address();
        BOOST_TEST_REQUIRE(::connect(fd.get(), address.data(), address.size()) == 0);
        ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
        return fd;
    }

    /// Sends a byte, and waits until it is acknowledged.
    static void fill(system::Fd socket) {
        BOOST_TEST_REQUIRE(::send(socket.get(), "x", 1, 0) == 1);
        int unacknowledged = 1;
        for (int count = 0; unacknowledged > 0 && count < 2000; ++count) {
            BOOST_TEST_REQUIRE(::ioctl(socket.get(), SIOCOUTQ, &unacknowledged) == 0);
            std::this_thread::sleep_for(1ms);
        }
        BOOST_TEST_REQUIRE(unacknowledged == 0);
    }

    system::UniqueFd accept_one() const {
        BOOST_TEST_REQUIRE(has_event(listener_.fd(), POLLIN));
        return system::UniqueFd(::accept4(listener_.fd().get(), nullptr, nullptr, SOCK_CLOEXEC));
    }

    probe::Listener listener_;
    system::UniqueFd first_;
    system::UniqueFd second_;
};

BOOST_FIXTURE_TEST_SUITE(one_way, Way)

BOOST_AUTO_TEST_CASE(bytes_are_moved_to_the_other_socket) {
    send("hello");
    BOOST_TEST(advance() == Step::wants_input);
    BOOST_TEST(way.received() == 5u);
    BOOST_TEST(receive(to.far) == "hello");
    BOOST_TEST(advance() == Step::wants_input);
    BOOST_TEST(way.received() == 0u);
}

BOOST_AUTO_TEST_CASE(a_silent_direction_uses_no_pipe) {
    BOOST_TEST(advance() == Step::wants_input);
    const auto before = test::open_descriptors();
    OneWay second(pool);
    send("hello");
    BOOST_TEST(second.advance(from.near, to.near) == Step::wants_input);
    BOOST_TEST(test::open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_sender_is_passed_on_to_the_receiver) {
    send("last");
    ::shutdown(from.far.get(), SHUT_WR);
    BOOST_TEST(advance_far() == Step::wants_input);
    BOOST_TEST(advance() == Step::ended);
    BOOST_TEST(way.has_ended());
    BOOST_TEST(receive(to.far) == "last");
    char byte;
    BOOST_TEST(::recv(to.far.get(), &byte, 1, MSG_DONTWAIT) == 0);
    // The other direction must still work.
    BOOST_TEST(::send(to.far.get(), "x", 1, 0) == 1);
    OneWay back(pool);
    BOOST_TEST(back.advance(to.near, from.near) == Step::wants_input);
    BOOST_TEST(receive(from.far) == "x");
}

BOOST_AUTO_TEST_CASE(a_receiver_that_does_not_read_stops_the_sender) {
    const std::string block(64 * 1024, 'b');
    std::size_t sent = 0;
    Step step = Step::wants_input;
    while (step == Step::wants_input) {
        const ssize_t size = ::send(from.far.get(), block.data(), block.size(), MSG_DONTWAIT);
        BOOST_TEST_REQUIRE(size > 0);
        sent += static_cast<std::size_t>(size);
        step = advance_far();
    }
    BOOST_TEST(step == Step::wants_room);
    BOOST_TEST(way.holds_bytes());
    BOOST_TEST(advance() == Step::wants_room);
    std::size_t received = 0;
    while (received < sent) {
        received += receive(to.far).size();
        step = advance_far();
    }
    BOOST_TEST(received == sent);
    BOOST_TEST(step == Step::wants_input);
    BOOST_TEST(!way.holds_bytes());
}

BOOST_AUTO_TEST_CASE(a_closed_receiver_is_reported) {
    send("lost");
    to.far.reset();
    BOOST_TEST(advance() == Step::output_failed);
    BOOST_TEST(!way.holds_bytes());
}

BOOST_AUTO_TEST_CASE(a_reset_sender_is_reported) {
    BOOST_TEST(::send(from.near.get(), "x", 1, 0) == 1);
    from.far.reset();  // Closing a socket with unread bytes sends a reset.
    BOOST_TEST(advance() == Step::input_failed);
}

BOOST_AUTO_TEST_CASE(only_one_segment_is_sent_before_its_acknowledgement) {
    FullBacklog app;
    to.near = app.connect();
    way.begin_with_one_segment(to.near);
    send(std::string(70000, 'b'));
    ::shutdown(from.far.get(), SHUT_WR);
    BOOST_TEST(advance_far() == Step::wants_acknowledgement);
    BOOST_TEST(advance() == Step::wants_acknowledgement);
    const system::UniqueFd accepted = app.accept();
    const std::size_t first = receive(accepted).size();
    BOOST_TEST(first > 0u);
    BOOST_TEST(first < 65536u);
    Step step = advance_far();
    for (int count = 0; step == Step::wants_acknowledgement && count < 2000; ++count) {
        std::this_thread::sleep_for(10ms);
        step = advance_far();
    }
    BOOST_TEST(step == Step::ended);
    std::size_t rest = 0;
    while (has_event(accepted, POLLIN)) {
        const std::size_t size = receive(accepted).size();
        if (size == 0)
            break;
        rest += size;
    }
    BOOST_TEST(rest == 70000 - first);
}

BOOST_AUTO_TEST_CASE(a_reset_instead_of_an_acknowledgement_is_reported) {
    FullBacklog app;
    to.near = app.connect();
    way.begin_with_one_segment(to.near);
    send("lost");
    BOOST_TEST(advance() == Step::wants_input);
    BOOST_TEST(advance() == Step::wants_acknowledgement);
    app.close();
    BOOST_TEST(has_event(to.near, POLLHUP));
    send("more");
    BOOST_TEST(advance() == Step::output_failed);
}

BOOST_AUTO_TEST_CASE(bytes_for_a_unix_socket_wait_for_no_acknowledgement) {
    way.begin_with_one_segment(to.near);
    send("hello");
    BOOST_TEST(advance() == Step::wants_input);
    BOOST_TEST(advance() == Step::wants_input);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
