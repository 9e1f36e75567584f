#include "bridge/proxy/one_way.hpp"

#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <ostream>
#include <string>
#include <string_view>

#include "support/descriptors.hpp"

namespace notifybridge::proxy {

std::ostream& operator<<(std::ostream& out, OneWay::Step step) {
    return out << static_cast<int>(step);
}

namespace {

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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
