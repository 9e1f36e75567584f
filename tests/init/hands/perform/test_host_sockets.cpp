#include "init/hands/perform/host_sockets.hpp"

#include <sys/socket.h>

#include "host_world.hpp"
#include "init/hands/listen/listen_address.hpp"
#include "support/descriptors.hpp"

namespace notifybridge::perform {
namespace {

system::UniqueFd connect_to(const unit::Listen& listen) {
    const listen::ListenAddress address = listen::to_address(listen, unit::SocketProtocol::unset);
    system::UniqueFd client(
        ::socket(address.family(), address.type | SOCK_CLOEXEC, address.protocol));
    BOOST_REQUIRE(::connect(client.get(), address.data(), address.size) == 0);
    return client;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_sockets)

BOOST_AUTO_TEST_CASE(a_service_gets_the_sockets_that_trigger_it) {
    test::World world;
    test::Listed& service = world.add_service("echo \"$LISTEN_FDS $LISTEN_FDNAMES\"");
    test::Listed& socket = world.add("a.socket", "[Socket]\nListenStream=@/s\nListenFIFO=@/f\n");
    world.engine.add_trigger(socket, service);
    world.host.sockets.open_sockets(socket);
    world.host.sockets.watch_sockets(socket, true);
    socket.on_traffic = [&](std::size_t) { world.host.sockets.watch_sockets(socket, false); };
    const system::UniqueFd client = connect_to(socket.settings().socket->listen[0]);
    world.until([&] { return socket.was_told("traffic 0"); });
    world.start(service);
    world.until([&] { return service.was_told("gone"); });
    BOOST_TEST(world.has_logged("]: 2 a.socket:a.socket\n"));
    world.host.sockets.flush_sockets(socket);
    world.host.sockets.close_sockets(socket);
}

BOOST_AUTO_TEST_CASE(a_connection_is_handed_over_to_its_service) {
    test::World world;
    test::Listed& socket =
        world.add("a.socket", "[Socket]\nListenStream=@/s\nAccept=yes\nService=\n");
    test::Listed& service =
        world.add_service("read line; echo \"$line yes\"", "StandardInput=socket");
    world.host.sockets.open_sockets(socket);
    system::UniqueFd client = connect_to(socket.settings().socket->listen[0]);
    BOOST_REQUIRE(::write(client.get(), "is it\n", 6) == 6);
    BOOST_REQUIRE(world.host.sockets.accept(socket, 0));
    world.host.sockets.hand_over(socket, service);
    BOOST_TEST(!world.host.sockets.accept(socket, 0));
    world.start(service);
    world.until([&] { return service.was_told("gone"); });
    char buffer[100];
    const ssize_t size = ::read(client.get(), buffer, sizeof buffer);
    BOOST_TEST(std::string(buffer, static_cast<std::size_t>(size)) == "is it yes\n");
    world.host.descriptors.close_connection(service);
    world.until([&] { return notifybridge::test::is_ready(client, POLLIN); });
    BOOST_TEST(::read(client.get(), buffer, sizeof buffer) == 0);
    BOOST_CHECK_THROW(world.start(service), std::system_error);
}

BOOST_AUTO_TEST_CASE(the_setting_non_blocking_does_not_apply_to_connections) {
    test::World world;
    test::Listed& socket =
        world.add("a.socket", "[Socket]\nListenStream=@/s\nAccept=yes\nService=\n");
    test::Listed& service = world.add_service("echo ready; read line; echo \"got $line\"",
                                              "StandardInput=socket\nNonBlocking=yes");
    world.host.sockets.open_sockets(socket);
    const system::UniqueFd client = connect_to(socket.settings().socket->listen[0]);
    BOOST_REQUIRE(world.host.sockets.accept(socket, 0));
    world.host.sockets.hand_over(socket, service);
    world.start(service);
    char buffer[100];
    BOOST_REQUIRE(::read(client.get(), buffer, sizeof buffer) == 6);
    BOOST_REQUIRE(::write(client.get(), "it\n", 3) == 3);
    world.until([&] { return service.was_told("gone"); });
    BOOST_TEST(::read(client.get(), buffer, sizeof buffer) == 7);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
