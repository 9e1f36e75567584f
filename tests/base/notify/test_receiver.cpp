#include "base/notify/receiver.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/notify/print.hpp"
#include "base/notify/sender.hpp"
#include "base/system/datagram.hpp"
#include "support/descriptors.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::notify {
namespace {

using Outcome = Receiver::Outcome;

struct Sockets {
    test::TemporaryDirectory directory;
    std::string path = directory.path("notify.sock");
    Receiver receiver{path, 0600};
    system::UniqueFd sender = connect_to(path);
    Datagram datagram;
    DropReason reason{};

    static system::UniqueFd connect_to(const std::string& path) {
        auto socket = system::make_socket(AF_UNIX, SOCK_DGRAM);
        const auto peer = system::SocketAddress::unix_path(path);
        if (::connect(socket.get(), peer.data(), peer.size()) < 0)
            system::throw_errno("connect", path);
        return socket;
    }

    void send(std::string_view text, std::span<const system::Fd> fds = {}) const {
        const auto sent = system::send_datagram(sender, system::bytes_of(text), fds);
        BOOST_TEST_REQUIRE(sent.has_value());
    }

    Outcome receive() { return receiver.receive(datagram, reason); }
};

mode_t mode_of(const std::string& path) {
    struct stat status;
    BOOST_TEST_REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(receiver_socket, Sockets)

BOOST_AUTO_TEST_CASE(a_received_datagram_names_its_sender) {
    send("READY=1");
    BOOST_TEST_REQUIRE(receive() == Outcome::datagram);
    BOOST_TEST(datagram.text == "READY=1");
    BOOST_TEST(datagram.sender.pid == ::getpid());
    BOOST_TEST(datagram.sender.uid == ::geteuid());
    BOOST_TEST(datagram.sender.gid == ::getegid());
    BOOST_TEST(datagram.fds.empty());
}

BOOST_AUTO_TEST_CASE(an_autobound_socket_has_an_abstract_name) {
    Receiver nameless;
    const std::string name = nameless.abstract_address();
    BOOST_TEST_REQUIRE(name.starts_with('@'));
    Sender to(Address{Address::Kind::abstract, name.substr(1), 0, 0, SOCK_DGRAM});
    BOOST_TEST_REQUIRE(bool(to.send("READY=1")));
    BOOST_TEST_REQUIRE(nameless.receive(datagram, reason) == Outcome::datagram);
    BOOST_TEST(datagram.text == "READY=1");
}

BOOST_AUTO_TEST_CASE(receiving_from_an_empty_queue_returns_no_datagram) {
    BOOST_TEST(receive() == Outcome::nothing);
}

BOOST_AUTO_TEST_CASE(an_empty_datagram_is_received_as_a_datagram) {
    send("");
    BOOST_TEST_REQUIRE(receive() == Outcome::datagram);
    BOOST_TEST(datagram.text == "");
    BOOST_TEST(receive() == Outcome::nothing);
}

BOOST_AUTO_TEST_CASE(the_longest_datagram_arrives_whole) {
    const std::string longest(longest_datagram, 'x');
    send(longest);
    BOOST_TEST_REQUIRE(receive() == Outcome::datagram);
    BOOST_TEST(datagram.text == longest);
}

BOOST_AUTO_TEST_CASE(a_too_long_datagram_does_not_stop_the_next) {
    send(std::string(longest_datagram + 1, 'x'));
    send(std::string(100'000, 'x'));
    send("READY=1");
    BOOST_TEST(receive() == Outcome::dropped);
    BOOST_TEST(reason == DropReason::too_long);
    BOOST_TEST(receive() == Outcome::dropped);
    BOOST_TEST_REQUIRE(receive() == Outcome::datagram);
    BOOST_TEST(datagram.text == "READY=1");
}

BOOST_AUTO_TEST_CASE(a_datagram_may_carry_253_descriptors) {
    const std::size_t before = test::open_descriptors();
    const std::vector<system::Fd> fds(253, system::Fd(STDERR_FILENO));
    send("FDSTORE=1", fds);
    BOOST_TEST_REQUIRE(receive() == Outcome::datagram);
    BOOST_TEST(datagram.fds.size() == 253u);
    BOOST_TEST(test::open_descriptors() == before + 253);
    datagram.fds.clear();
    BOOST_TEST(test::open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(the_caller_closes_the_descriptors_of_a_dropped_datagram) {
    const std::vector<system::Fd> fds(3, system::Fd(STDERR_FILENO));
    send(std::string(longest_datagram + 1, 'x'), fds);
    BOOST_TEST(receive() == Outcome::dropped);
    BOOST_TEST(datagram.fds.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_datagram_with_lost_descriptors_is_dropped) {
    const system::Fd standard_error(STDERR_FILENO);
    send("FDSTORE=1", std::span(&standard_error, 1));
    {
        const test::DescriptorsUsedUp none;
        BOOST_TEST(receive() == Outcome::dropped);
    }
    BOOST_TEST(reason == DropReason::lost_fds);
}

BOOST_AUTO_TEST_CASE(a_new_receiver_replaces_an_existing_socket) {
    const Receiver successor(path, 0600);
    sender = connect_to(path);
    send("READY=1");
    BOOST_TEST(receive() == Outcome::nothing);
    BOOST_TEST(test::is_ready(successor.fd(), POLLIN));
}

BOOST_AUTO_TEST_CASE(the_mode_of_a_socket_does_not_depend_on_the_umask) {
    const mode_t before = ::umask(0077);
    const Receiver open_to_all(directory.path("all.sock"), 0666);
    ::umask(before);
    BOOST_TEST(mode_of(directory.path("all.sock")) == 0666u);
    BOOST_TEST(mode_of(path) == 0600u);
}

BOOST_AUTO_TEST_CASE(the_path_of_a_socket_may_have_107_bytes) {
    const std::string longest =
        directory.path(std::string(system::longest_socket_path - directory.path().size() - 1, 's'));
    BOOST_TEST_REQUIRE(longest.size() == 107u);
    const Receiver far_away(longest, 0600);
    sender = connect_to(longest);
    send("READY=1");
    BOOST_TEST(test::is_ready(far_away.fd(), POLLIN));
}

BOOST_AUTO_TEST_CASE(an_error_names_the_missing_directory_of_a_socket) {
    const std::string nowhere = directory.path("nowhere/notify.sock");
    BOOST_CHECK_EXCEPTION(Receiver(nowhere, 0600), std::system_error,
                          [&](const std::system_error& error) {
                              return std::string(error.what()).find(nowhere) != std::string::npos;
                          });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify
