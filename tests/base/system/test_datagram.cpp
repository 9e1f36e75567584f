#include "base/system/datagram.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <vector>

#include "support/descriptors.hpp"

namespace notifybridge::system {
namespace {

struct SocketPair {
    UniqueFd sender;
    UniqueFd receiver;
    std::array<std::byte, 64> buffer;

    SocketPair() {
        int ends[2];
        BOOST_TEST_REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends)
                           == 0);
        sender.reset(ends[0]);
        receiver.reset(ends[1]);
    }

    std::string_view text(const Result<ReceivedDatagram>& received) const {
        return as_text(std::span(buffer).first(received->size));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(datagrams, SocketPair)

BOOST_AUTO_TEST_CASE(receiving_from_an_empty_queue_returns_at_once) {
    BOOST_TEST(receive_datagram(receiver, buffer).error().value() == EAGAIN);
}

BOOST_AUTO_TEST_CASE(the_kernel_reports_the_sender_of_a_datagram_on_request) {
    BOOST_TEST(send_datagram(sender, bytes_of("a")).has_value());
    const auto nameless = receive_datagram(receiver, buffer);
    BOOST_TEST(!nameless->sender.has_value());

    pass_credentials(receiver);
    BOOST_TEST(send_datagram(sender, bytes_of("b")).value() == 1u);
    const auto received = receive_datagram(receiver, buffer);
    BOOST_REQUIRE(received.has_value());
    BOOST_TEST(text(received) == "b");
    BOOST_TEST((received->sender.value() == Credentials{::getpid(), ::geteuid(), ::getegid()}));
    BOOST_TEST(!received->truncated);
    BOOST_TEST(!received->control_truncated);
}

BOOST_AUTO_TEST_CASE(an_empty_datagram_is_received) {
    BOOST_TEST(send_datagram(sender, {}).value() == 0u);
    const auto received = receive_datagram(receiver, buffer);
    BOOST_REQUIRE(received.has_value());
    BOOST_TEST(received->size == 0u);
}

BOOST_AUTO_TEST_CASE(a_truncated_datagram_is_reported_as_truncated) {
    const std::string longer(buffer.size() + 1, 'x');
    BOOST_TEST(send_datagram(sender, bytes_of(longer)).has_value());
    const auto received = receive_datagram(receiver, buffer);
    BOOST_TEST(received->truncated);
    BOOST_TEST(received->size == buffer.size());
}

BOOST_AUTO_TEST_CASE(received_descriptors_are_owned_and_close_on_exec) {
    pass_credentials(receiver);
    const std::size_t before = test::open_descriptors();
    const std::vector<Fd> fds(253, Fd(STDERR_FILENO));
    BOOST_TEST(send_datagram(sender, bytes_of("a"), fds).has_value());
    {
        const auto received = receive_datagram(receiver, buffer);
        BOOST_TEST_REQUIRE(received->fds.size() == 253u);
        BOOST_TEST(!received->control_truncated);
        BOOST_TEST(received->sender.has_value());
        for (const UniqueFd& fd : received->fds)
            BOOST_TEST((::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
    }
    BOOST_TEST(test::open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(too_many_descriptors_are_not_sent) {
    const std::vector<Fd> fds(254, Fd(STDERR_FILENO));
    BOOST_TEST(send_datagram(sender, bytes_of("a"), fds).error().value() == E2BIG);
}

BOOST_AUTO_TEST_CASE(sending_to_a_missing_peer_causes_an_error_and_no_signal) {
    receiver.reset();
    BOOST_TEST(send_datagram(sender, bytes_of("a")).has_error());
}

BOOST_AUTO_TEST_CASE(a_socket_is_close_on_exec_and_does_not_block) {
    const UniqueFd socket = make_socket(AF_UNIX, SOCK_DGRAM);
    BOOST_TEST((::fcntl(socket.get(), F_GETFD) & FD_CLOEXEC) != 0);
    BOOST_TEST((::fcntl(socket.get(), F_GETFL) & O_NONBLOCK) != 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
