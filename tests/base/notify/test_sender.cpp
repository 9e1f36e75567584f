#include "base/notify/sender.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/manager.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::notify::test_sender {
namespace {

struct Wire {
    test::TemporaryDirectory directory;
    std::string path = directory.path("manager.sock");
    std::optional<test::Manager> manager{path};
    Sender sender{Address{Address::Kind::path, path, 0, 0, SOCK_DGRAM}};

    /// Sends until the queue is full. Returns how many messages were sent.
    int fill() {
        constexpr int more_than_any_queue = 100'000;
        for (int count = 0; count < more_than_any_queue; ++count)
            if (const auto sent = sender.send("X_N=1"); !sent) {
                BOOST_TEST(sent.error().value() == EAGAIN);
                return count;
            }
        BOOST_FAIL("the queue has no end");
        return 0;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sender_socket, Wire)

BOOST_AUTO_TEST_CASE(sent_datagrams_arrive_in_order) {
    BOOST_TEST(bool(sender.send("STATUS=1")));
    BOOST_TEST(bool(sender.send("STATUS=2")));
    BOOST_TEST(manager->texts() == (std::vector<std::string>{"STATUS=1", "STATUS=2"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_queue_causes_an_error_but_no_loss) {
    const int sent = fill();
    BOOST_TEST(sent > 0);
    BOOST_TEST(manager->texts().size() == static_cast<std::size_t>(sent));
}

BOOST_AUTO_TEST_CASE(a_message_is_sent_once_descriptors_are_free) {
    std::optional<test::DescriptorsUsedUp> none(std::in_place);
    BOOST_TEST(sender.send("STATUS=1").error().value() == EMFILE);
    none.reset();
    BOOST_TEST(bool(sender.send("STATUS=1")));
    BOOST_TEST(manager->texts() == std::vector<std::string>{"STATUS=1"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_socket_is_writable_again_when_its_queue_has_room) {
    fill();
    BOOST_TEST(!test::is_ready(sender.fd(), POLLOUT));
    manager->texts();
    BOOST_TEST(test::is_ready(sender.fd(), POLLOUT));
    BOOST_TEST(bool(sender.send("READY=1")));
}

BOOST_AUTO_TEST_CASE(a_peer_that_returns_gets_messages_again) {
    BOOST_TEST(bool(sender.send("STATUS=1")));
    manager.reset();
    BOOST_TEST(sender.send("STATUS=2").error().value() == ECONNREFUSED);
    manager.emplace(path);
    BOOST_TEST(bool(sender.send("STATUS=3")));
    BOOST_TEST(manager->texts() == std::vector<std::string>{"STATUS=3"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_message_after_replacing_the_peer_reaches_the_new_peer) {
    BOOST_TEST(bool(sender.send("STATUS=1")));
    manager.reset();
    manager.emplace(path);
    BOOST_TEST(bool(sender.send("STATUS=2")));
    BOOST_TEST(manager->texts() == std::vector<std::string>{"STATUS=2"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_socket_that_appears_later_is_used) {
    manager.reset();
    std::filesystem::remove(path);
    BOOST_TEST(sender.send("STATUS=1").error().value() == ENOENT);
    manager.emplace(path);
    BOOST_TEST(bool(sender.send("STATUS=2")));
}

BOOST_AUTO_TEST_CASE(messages_reach_an_abstract_socket) {
    const std::string name = path;  // The path is unique.
    const auto socket = system::make_socket(AF_UNIX, SOCK_DGRAM);
    const auto address = system::SocketAddress::unix_abstract(name);
    BOOST_TEST_REQUIRE(::bind(socket.get(), address.data(), address.size()) == 0);
    Sender abstract(Address{Address::Kind::abstract, name, 0, 0, SOCK_DGRAM});
    BOOST_TEST(bool(abstract.send("READY=1")));
    BOOST_TEST(test::is_ready(socket, POLLIN));
}

BOOST_AUTO_TEST_CASE(descriptors_arrive_with_their_datagram) {
    const std::vector<system::Fd> fds(2, system::Fd(STDERR_FILENO));
    BOOST_TEST(bool(sender.send("FDSTORE=1", fds)));
    BOOST_TEST(manager->next().value().fds.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_message_with_too_many_descriptors_is_refused) {
    const std::vector<system::Fd> fds(254, system::Fd(STDERR_FILENO));
    BOOST_TEST(sender.send("FDSTORE=1", fds).error().value() == E2BIG);
}

BOOST_AUTO_TEST_CASE(permanent_and_temporary_errors_of_sending_differ) {
    const std::string longer_than_any_buffer(64 * 1024 * 1024, 'x');
    BOOST_TEST(sender.send(longer_than_any_buffer).is_impossible());
    BOOST_TEST(bool(sender.send("STATUS=1")));
    fill();
    BOOST_TEST((sender.send("STATUS=2").outcome() == Attempt::Outcome::busy));
    manager.reset();
    BOOST_TEST((sender.send("STATUS=3").outcome() == Attempt::Outcome::later));
    std::filesystem::remove(path);
    BOOST_TEST((sender.send("STATUS=4").outcome() == Attempt::Outcome::later));
}

BOOST_AUTO_TEST_CASE(root_may_send_in_the_name_of_another_process,
                     *boost::unit_test::precondition(test::is_root)) {
    const system::Credentials parent{::getppid(), 0, 0};
    BOOST_TEST(bool(sender.send("READY=1", {}, parent)));
    BOOST_TEST(manager->next().value().sender.pid == ::getppid());
}

BOOST_AUTO_TEST_CASE(a_vsock_does_not_carry_descriptors) {
    Sender vsock(Address{Address::Kind::vsock, "", 2, 1234, 0});
    const system::Fd standard_error(STDERR_FILENO);
    BOOST_TEST(!vsock.carries_fds());
    BOOST_TEST(vsock.send("FDSTORE=1", std::span(&standard_error, 1)).is_impossible());
}

BOOST_AUTO_TEST_CASE(a_missing_vsock_peer_is_a_temporary_error) {
    // CID 1 is this machine. No manager uses this port.
    for (const int type : std::initializer_list<int>{0, SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM}) {
        Sender vsock(Address{Address::Kind::vsock, "", 1, 4'000'000'000, type});
        BOOST_TEST(!vsock.send("READY=1").is_impossible());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify::test_sender
