#include "base/bus/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/system/datagram.hpp"
#include "base/system/pipe.hpp"
#include "base/system/socket_address.hpp"
#include "support/child.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::bus {
namespace {

using event::Awaitable;
using system::UniqueFd;

constexpr std::size_t longest_here = 1000;

/// A connection to a bus. The test takes the place of the bus.
struct ConnectionWorld {
    notifybridge::test::TemporaryDirectory directory;
    event::Loop loop;
    event::Poller poller{loop};
    notifybridge::test::ReapsChildren children;  // Those of the closer.
    process::FdCloser closer{loop};
    Connection connection{poller, closer, longest_here};
    UniqueFd listener;
    UniqueFd bus;
    std::vector<std::string> heard;  ///< The members of the received messages.
    int ends = 0;

    ConnectionWorld() {
        loop.spawn([this] { return poller.run(); });
        connection.on_message = [this](const MessageStream::Item& item) {
            heard.push_back(item.message ? item.message->member : "rubbish");
        };
        connection.on_end = [this] { ++ends; };
        const auto address = system::SocketAddress::unix_path(directory.path("bus"));
        listener = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        BOOST_REQUIRE(::bind(listener.get(), address.data(), address.size()) == 0);
        BOOST_REQUIRE(::listen(listener.get(), 5) == 0);
    }

    void open() {
        BOOST_REQUIRE(connection.open(directory.path("bus")));
        bus = UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
        BOOST_REQUIRE(bus);
        say("OK 1\r\n");
    }
    void until(const std::function<bool()>& is_so) {
        notifybridge::test::run(
            loop, [&]() -> Awaitable<> { co_await notifybridge::test::until(loop, is_so); });
    }
    void say(const std::string& bytes) {
        BOOST_REQUIRE(::send(bus.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
                      == static_cast<ssize_t>(bytes.size()));
    }
    /// Reads all bytes that the connection has sent. Returns their number.
    std::size_t drain() {
        std::size_t total = 0;
        char buffer[65536];
        for (ssize_t size; (size = ::recv(bus.get(), buffer, sizeof buffer, 0)) > 0;)
            total += static_cast<std::size_t>(size);
        return total;
    }
};

std::string signal_of(std::string_view member, std::size_t size = 0) {
    Message message;
    message.type = Message::Type::signal;
    message.path = "/a";
    message.interface = "b.c";
    message.member = member;
    if (size > 0) {
        message.signature = "ay";
        message.body = std::string(size, 'x');
    }
    return bus::encode_message(1, message);
}

Message big_message(std::size_t size) {
    Message message;
    message.path = "/a";
    message.member = "Big";
    message.body = std::string(size, 'x');
    return message;
}

constexpr std::size_t megabyte = 1024 * 1024;

}  // namespace

BOOST_AUTO_TEST_SUITE(bus_connection)

BOOST_AUTO_TEST_CASE(the_bus_path_comes_from_the_first_unix_address) {
    BOOST_TEST(socket_path("", "/x") == "/x");
    BOOST_TEST(socket_path("tcp:host=a;unix:path=/b,guid=1;unix:path=/c", "/x") == "/b");
    BOOST_TEST(socket_path("unix:abstract=/b", "/x") == "/x");
}

BOOST_AUTO_TEST_CASE(bus_messages_are_passed_on_until_the_bus_ends) {
    ConnectionWorld world;
    world.open();
    world.say(signal_of("One") + signal_of("Long", 5000) + signal_of("Two"));
    world.until([&] { return world.heard.size() == 3U; });
    BOOST_TEST((world.heard == std::vector<std::string>{"One", "Long", "Two"}));
    world.bus.reset();
    world.until([&] { return world.ends == 1; });
    BOOST_TEST(!world.connection.is_open());
    world.open();
    world.say(signal_of("Three"));
    world.until([&] { return world.heard.size() == 4U; });
}

BOOST_AUTO_TEST_CASE(one_turn_of_the_loop_handles_one_bus_message) {
    ConnectionWorld world;
    std::size_t before = 0;
    std::size_t most = 0;
    world.poller.on_round = [&] {
        most = std::max(most, world.heard.size() - before);
        before = world.heard.size();
    };
    world.open();
    world.say(signal_of("First"));
    world.until([&] { return world.heard.size() == 1U; });
    std::string many;
    for (int count = 0; count < 20; ++count)
        many += signal_of("More") + signal_of("Long", 2000);
    world.say(many);
    world.until([&] { return world.heard.size() == 41U; });
    BOOST_TEST(most == 1U);
}

BOOST_AUTO_TEST_CASE(after_a_slow_bus_message_other_events_have_their_turn) {
    ConnectionWorld world;
    unsigned turns = 0;
    world.connection.on_message = [&](const MessageStream::Item& item) {
        world.heard.push_back(item.message->member);
        const auto end = event::Deadline::now() + std::chrono::milliseconds(20);
        while (event::Deadline::now() < end) {
        }
    };
    world.open();
    world.say(signal_of("First"));
    world.until([&] { return world.heard.size() == 1U; });
    for (int count = 0; count < 4; ++count)
        world.say(signal_of("Slow"));
    notifybridge::test::run(world.loop, [&]() -> Awaitable<> {
        for (; world.heard.size() < 5U; ++turns)
            co_await world.loop.yield();
    });
    // Without a rest, each message takes a few turns.
    BOOST_TEST(turns > 200U);
    world.connection.close();
}

BOOST_AUTO_TEST_CASE(descriptors_in_bus_messages_are_closed) {
    ConnectionWorld world;
    world.open();
    world.say("AGREE_UNIX_FD\r\n");
    auto pipe = system::make_pipe();
    const std::string message = signal_of("One");
    const system::Fd fds[] = {pipe.writing};
    BOOST_REQUIRE(
        system::send_datagram(world.bus, std::as_bytes(std::span(message)), fds).has_value());
    pipe.writing.reset();
    world.until([&] { return world.heard.size() == 1U; });
    // The end of the pipe shows that no copy of the other side is left.
    char byte;
    BOOST_TEST(::read(pipe.reading.get(), &byte, 1) == 0);
}

BOOST_AUTO_TEST_CASE(no_connection_is_made_to_a_missing_bus) {
    ConnectionWorld world;
    BOOST_TEST(!world.connection.open(world.directory.path("other")));
    BOOST_TEST(!world.connection.open(std::string(200, 'x')));
    BOOST_TEST(!world.connection.is_open());
    // Without a connection, nothing is sent.
    world.connection.send(big_message(10));
}

BOOST_AUTO_TEST_CASE(a_connection_stops_reading_while_the_bus_does_not_read) {
    ConnectionWorld world;
    world.open();
    world.connection.send(big_message(4 * megabyte));
    world.say(signal_of("Later"));
    // Run many turns of the loop.
    for (int turn = 0; turn < 100; ++turn)
        notifybridge::test::run(world.loop, [&]() -> Awaitable<> { co_await world.loop.yield(); });
    BOOST_TEST(world.heard.empty());
    std::size_t total = 0;
    world.until([&] {
        total += world.drain();
        return total > 4 * megabyte && !world.heard.empty();
    });
    BOOST_TEST((world.heard == std::vector<std::string>{"Later"}));
    BOOST_TEST(world.ends == 0);
}

BOOST_AUTO_TEST_CASE(a_bus_that_never_reads_is_disconnected) {
    ConnectionWorld world;
    world.open();
    for (int count = 0; count < 70; ++count)
        world.connection.send(big_message(megabyte));
    world.until([&] { return world.ends == 1; });
    BOOST_TEST(!world.connection.is_open());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::bus
