#include "bridge/wrap/fd_keeper.hpp"

#include <fcntl.h>

#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/event/timer.hpp"
#include "base/system/datagram.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "support/descriptors.hpp"
#include "support/log_records.hpp"
#include "support/still_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;

/// A packet that arrived.
struct Packet {
    std::string text;
    std::size_t fds = 0;

    bool operator==(const Packet&) const = default;
};

/// A keeper, and a `wait` that connects to the keeper and sends single packets.
struct Keeping {
    test::TemporaryDirectory directory;
    test::LogRecords log{util::Severity::warning};
    test::StillLoop loop;
    channel::RunId run = system::make_random_id();
    std::string name = channel::lane_name(run);
    FdKeeper keeper{loop, directory.fd()};
    std::optional<relay::NamedFds> handed_in;

    void open() {
        BOOST_TEST_REQUIRE(keeper.open(run));
        loop.spawn([this] { return keeper.run(); });
        loop.settle();
    }

    /// Connects. The keeper does not notice this before the loop runs.
    system::UniqueFd connect() const {
        auto connection = system::connect_at(directory.fd(), name.c_str());
        BOOST_TEST_REQUIRE(connection.has_value());
        return std::move(*connection);
    }

    void send(system::Fd connection, std::string_view text, std::size_t fds = 0) {
        const std::vector<system::Fd> passed(fds, directory.fd());
        BOOST_TEST_REQUIRE(
            system::send_datagram(connection, system::bytes_of(text), passed).has_value());
        loop.settle();
    }

    /// Returns the next packet. The packet is empty if the connection was closed.
    static std::optional<Packet> receive(system::Fd connection) {
        std::array<std::byte, 64> buffer;
        const auto received = system::receive_datagram(connection, buffer);
        if (!received)
            return std::nullopt;
        return Packet{std::string(system::as_text(std::span(buffer).first(received->size))),
                      received->fds.size()};
    }

    void keep(std::uint64_t sequence, std::size_t count) {
        std::vector<system::UniqueFd> fds;
        while (fds.size() < count)
            fds.push_back(event::duplicate(directory.fd()));
        keeper.keep(sequence, fds);
    }

    void take_handed_in() {
        loop.spawn([this]() -> event::Awaitable<> {
            relay::NamedFds taken = co_await keeper.take_handed_in();
            handed_in = std::move(taken);
        });
        loop.settle();
    }
};

const std::array<std::string, 6> senseless_packets{
    "FDS ",   "FDS seven",   "GET 7",
    "LISTEN", "LISTEN a\nb", std::string(channel::longest_lane_packet + 1, 'x')};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(fd_keeper, Keeping)

BOOST_AUTO_TEST_CASE(a_request_is_answered_with_the_requested_descriptors) {
    open();
    keep(7, 3);
    const system::UniqueFd connection = connect();
    send(connection, "FDS 7");
    BOOST_TEST((receive(connection) == Packet{"FDS 7", 3}));
    keeper.release(7);
    send(connection, "FDS 7");
    BOOST_TEST((receive(connection) == Packet{"FDS 7", 0}));
}

BOOST_DATA_TEST_CASE_F(Keeping, an_invalid_packet_ends_the_connection_to_the_keeper,
                       senseless_packets, text) {
    open();
    const system::UniqueFd connection = connect();
    send(connection, text);
    BOOST_TEST((receive(connection) == Packet()));
    const system::UniqueFd next = connect();
    send(next, "FDS 1");
    BOOST_TEST((receive(next) == Packet{"FDS 1", 0}));
}

BOOST_AUTO_TEST_CASE(only_the_newest_connection_to_the_keeper_is_served) {
    open();
    const system::UniqueFd old = connect();
    send(old, "FDS 1");
    BOOST_TEST((receive(old) == Packet{"FDS 1", 0}));
    const system::UniqueFd newest = connect();
    send(newest, "FDS 2");
    BOOST_TEST((receive(newest) == Packet{"FDS 2", 0}));
    BOOST_TEST((receive(old) == Packet()));
}

BOOST_AUTO_TEST_CASE(a_connection_is_accepted_once_a_descriptor_is_free) {
    open();
    const system::UniqueFd connection = connect();
    {
        const test::DescriptorsUsedUp used_up;
        send(connection, "FDS 1");
    }
    BOOST_TEST(!receive(connection).has_value());
    loop.pass(event::retry_interval);
    BOOST_TEST((receive(connection) == Packet{"FDS 1", 0}));
}

BOOST_AUTO_TEST_CASE(descriptors_with_a_missing_name_are_ignored) {
    open();
    take_handed_in();
    const system::UniqueFd connection = connect();
    send(connection, "LISTEN http", 2);
    BOOST_TEST(!handed_in.has_value());
    send(connection, "LISTEN http:https", 2);
    BOOST_TEST_REQUIRE(handed_in.has_value());
    BOOST_TEST(handed_in->names == (std::vector<std::string>{"http", "https"}),
               boost::test_tools::per_element());
    BOOST_TEST(handed_in->fds.size() == 2u);
}

BOOST_AUTO_TEST_CASE(descriptors_that_arrived_early_are_returned_at_once) {
    open();
    const system::UniqueFd connection = connect();
    send(connection, "LISTEN http", 1);
    send(connection, "LISTEN late", 1);
    take_handed_in();
    BOOST_TEST_REQUIRE(handed_in.has_value());
    BOOST_TEST(handed_in->names == std::vector<std::string>{"http"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_command_waits_five_seconds_for_descriptors) {
    open();
    take_handed_in();
    loop.pass(4900ms);
    BOOST_TEST(!handed_in.has_value());
    loop.pass(200ms);
    BOOST_TEST_REQUIRE(handed_in.has_value());
    BOOST_TEST(handed_in->fds.empty());
    BOOST_TEST(log.has("the command starts without them"));
    const system::UniqueFd connection = connect();
    const std::size_t before = test::open_descriptors();
    send(connection, "LISTEN late", 1);
    // The keeper's end of the connection is the only new descriptor.
    BOOST_TEST(test::open_descriptors() == before + 1);
}

BOOST_AUTO_TEST_CASE(a_command_that_expects_no_descriptors_does_not_wait) {
    open();
    keeper.expect_none();
    take_handed_in();
    BOOST_TEST(handed_in.has_value());
    BOOST_TEST(log.texts().empty());
}

BOOST_AUTO_TEST_CASE(a_failing_socket_for_descriptors_is_reported_once) {
    std::filesystem::create_directory(directory.path(name));
    BOOST_TEST(!keeper.open(run));
    BOOST_TEST(!keeper.open(run));
    BOOST_TEST(log.texts().size() == 1u);
    BOOST_TEST(log.has("file descriptors are not passed on"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
