#include "base/system/local_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "base/system/datagram.hpp"
#include "support/descriptors.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::system {
namespace {

struct Listening {
    test::TemporaryDirectory directory;
    Result<UniqueFd> listener = listen_at(directory.fd(), "lane", 0600);

    int connect_error(const char* name) { return connect_at(directory.fd(), name).error().value(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(local_sockets, Listening)

BOOST_AUTO_TEST_CASE(packets_and_descriptors_are_sent_in_both_directions) {
    BOOST_TEST_REQUIRE(listener.has_value());
    BOOST_TEST(accept_connection(*listener).error().value() == EAGAIN);
    const auto client = connect_at(directory.fd(), "lane");
    BOOST_TEST_REQUIRE(client.has_value());
    const auto server = accept_connection(*listener);
    BOOST_TEST_REQUIRE(server.has_value());
    BOOST_TEST(peer_user(*server).value() == ::geteuid());

    std::array<std::byte, 64> buffer;
    const std::array<Fd, 1> fds{Fd(STDERR_FILENO)};
    BOOST_TEST(send_datagram(*client, bytes_of("one")).has_value());
    BOOST_TEST(send_datagram(*client, bytes_of("two"), fds).has_value());
    BOOST_TEST(receive_datagram(*server, buffer)->size == 3u);
    BOOST_TEST(receive_datagram(*server, buffer)->fds.size() == 1u);
    BOOST_TEST(send_datagram(*server, bytes_of("three")).has_value());
    BOOST_TEST(receive_datagram(*client, buffer)->size == 5u);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_connection_is_read_as_an_empty_packet) {
    auto client = connect_at(directory.fd(), "lane");
    const auto server = accept_connection(*listener);
    client->reset();
    std::array<std::byte, 64> buffer;
    BOOST_TEST(receive_datagram(*server, buffer)->size == 0u);
}

BOOST_AUTO_TEST_CASE(the_name_of_a_socket_in_use_is_refused) {
    BOOST_TEST(listen_at(directory.fd(), "lane", 0600).error().value() == EADDRINUSE);
}

BOOST_AUTO_TEST_CASE(listening_and_connecting_fail_without_free_descriptors) {
    const test::DescriptorsUsedUp none;
    BOOST_TEST(listen_at(directory.fd(), "other", 0600).error().value() == EMFILE);
    BOOST_TEST(connect_error("lane") == EMFILE);
}

BOOST_AUTO_TEST_CASE(a_socket_gets_the_requested_mode) {
    struct stat status;
    BOOST_TEST(::fstatat(directory.fd().get(), "lane", &status, 0) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0600u);
}

BOOST_AUTO_TEST_CASE(only_a_path_of_a_socket_can_be_connected_to) {
    directory.write("file", "");
    BOOST_TEST(::symlinkat("lane", directory.fd().get(), "link") == 0);
    BOOST_TEST(::mkfifoat(directory.fd().get(), "fifo", 0600) == 0);
    BOOST_TEST(connect_error("link") == ELOOP);
    BOOST_TEST(connect_error("file") == ENOTSOCK);
    BOOST_TEST(connect_error("fifo") == ENOTSOCK);
    BOOST_TEST(connect_error("nothing") == ENOENT);
}

BOOST_AUTO_TEST_CASE(a_socket_without_a_listener_refuses_connections) {
    listener->reset();
    BOOST_TEST(connect_error("lane") == ECONNREFUSED);
}

BOOST_AUTO_TEST_CASE(only_a_datagram_socket_receives_datagrams) {
    const auto error_for = [this](const char* name) {
        return connect_to_datagrams(directory.fd(), name).error().value();
    };
    const auto receiver = open_socket(AF_UNIX, SOCK_DGRAM);
    const auto address = SocketAddress::unix_path(directory.path("datagrams"));
    BOOST_TEST_REQUIRE(::bind(receiver->get(), address.data(), address.size()) == 0);
    BOOST_TEST(error_for("datagrams") == 0);
    BOOST_TEST(!test::is_ready(*receiver, POLLIN));
    BOOST_TEST(error_for("lane") == EPROTOTYPE);
    BOOST_TEST(error_for("nothing") == ENOENT);
    directory.write("file", "");
    BOOST_TEST(error_for("file") == ENOTSOCK);
    listener->reset();
    BOOST_TEST(error_for("lane") == ECONNREFUSED);
}

BOOST_AUTO_TEST_CASE(the_path_of_a_socket_may_have_any_length) {
    const std::string deep = directory.path(std::string(200, 'x'));
    BOOST_TEST_REQUIRE(::mkdir(deep.c_str(), 0700) == 0);
    const auto long_one = open_directory(deep);
    BOOST_TEST(listen_at(*long_one, "lane", 0600).has_value());
    // The listener above is already closed, so a connection fails.
    BOOST_TEST(connect_at(*long_one, "lane").has_value() == false);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
