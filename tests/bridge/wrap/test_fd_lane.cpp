#include "bridge/relay/fd_lane.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/system/local_socket.hpp"
#include "bridge/wrap/fd_keeper.hpp"
#include "support/descriptors.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::wrap {
namespace {

using Fds = std::vector<system::UniqueFd>;

/// Returns the reading ends of pipes, which the test can distinguish.
Fds some_fds(std::size_t count) {
    Fds fds;
    for (; count > 0; --count) {
        int ends[2];
        BOOST_TEST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        ::close(ends[1]);
        fds.emplace_back(ends[0]);
    }
    return fds;
}

ino_t inode_of(system::Fd fd) {
    struct stat status;
    return ::fstat(fd.get(), &status) == 0 ? status.st_ino : 0;
}

struct Lane {
    test::TemporaryDirectory directory;
    event::Loop loop;
    channel::RunId run_id = system::make_random_id();
    std::optional<FdKeeper> keeper{std::in_place, loop, directory.fd()};
    relay::FdLane lane{loop, directory.fd()};

    Lane() { lane.begin(run_id); }

    void open() {
        BOOST_TEST_REQUIRE(keeper->open(run_id));
        loop.spawn([this] { return keeper->run(); });
    }

    void keep(std::uint64_t sequence, std::size_t count) {
        Fds fds = some_fds(count);
        keeper->keep(sequence, fds);
        BOOST_TEST(fds.empty());
    }

    std::optional<Fds> fetch(std::uint64_t sequence, std::size_t count) {
        std::optional<Fds> fetched;
        test::run(loop,
                  [&]() -> event::Awaitable<> { fetched = co_await lane.fetch(sequence, count); });
        return fetched;
    }

    std::string name() const { return channel::lane_name(run_id); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(fd_lane, Lane)

BOOST_AUTO_TEST_CASE(kept_descriptors_can_be_fetched_repeatedly) {
    open();
    Fds fds = some_fds(3);
    const ino_t third = inode_of(fds[2]);
    keeper->keep(7, fds);
    keep(9, 1);
    BOOST_TEST(fetch(9, 1)->size() == 1u);
    const auto fetched = fetch(7, 3);
    BOOST_TEST_REQUIRE(fetched.has_value());
    BOOST_TEST_REQUIRE(fetched->size() == 3u);
    BOOST_TEST(inode_of((*fetched)[2]) == third);
    BOOST_TEST(fetch(7, 3).has_value());
    BOOST_TEST(lane.is_open());
}

BOOST_AUTO_TEST_CASE(acknowledged_descriptors_are_closed) {
    open();
    const std::size_t before = test::open_descriptors();
    keep(1, 2);
    keep(2, 2);
    BOOST_TEST(test::open_descriptors() == before + 4);
    keeper->release(1);
    BOOST_TEST(test::open_descriptors() == before + 2);
    BOOST_TEST(keeper->count() == 1u);
    BOOST_TEST(!fetch(1, 2).has_value());
    BOOST_TEST(fetch(2, 2).has_value());
    keeper->release(5);
    BOOST_TEST(keeper->count() == 0u);
}

BOOST_AUTO_TEST_CASE(the_number_of_descriptors_in_a_lane_is_limited) {
    keep(1, 255);
    BOOST_TEST(keeper->has_room());
    keep(2, channel::most_lane_fds);
    BOOST_TEST(!keeper->has_room());
    keeper->release(1);
    BOOST_TEST(keeper->has_room());
}

BOOST_AUTO_TEST_CASE(descriptors_without_room_in_the_lane_stay_with_the_message) {
    keep(1, 255);
    keep(2, 200);
    Fds fds = some_fds(100);
    keeper->keep(3, fds);
    BOOST_TEST(fds.size() == 100u);
    keeper->release(1);
    keeper->keep(3, fds);
    BOOST_TEST(fds.empty());
}

BOOST_AUTO_TEST_CASE(the_next_wait_takes_over_the_lane_of_a_killed_wait) {
    open();
    keep(1, 1);
    BOOST_TEST(fetch(1, 1).has_value());
    relay::FdLane next(loop, directory.fd());
    next.begin(run_id);
    std::optional<Fds> fetched;
    test::run(loop, [&]() -> event::Awaitable<> { fetched = co_await next.fetch(1, 1); });
    BOOST_TEST(fetched.has_value());
}

BOOST_AUTO_TEST_CASE(a_lane_is_tested_before_there_are_descriptors) {
    BOOST_TEST(!fetch(1, 0).has_value());
    BOOST_TEST(lane.fault().find("has not created the socket for descriptors")
               != std::string::npos);
    open();
    lane.begin(run_id);
    BOOST_TEST(fetch(1, 0).has_value());
    BOOST_TEST(lane.fault().empty());
}

BOOST_AUTO_TEST_CASE(an_unreachable_lane_is_retried_after_a_second) {
    std::filesystem::create_symlink("/run/dbus/system_bus_socket", directory.path(name()));
    BOOST_TEST(!fetch(1, 1).has_value());
    BOOST_TEST(lane.fault().find("link") != std::string::npos);
    std::filesystem::remove(directory.path(name()));
    open();
    keep(1, 1);
    BOOST_TEST(!fetch(1, 1).has_value());
    std::this_thread::sleep_for(std::chrono::seconds(1));
    BOOST_TEST(fetch(1, 1).has_value());
    BOOST_TEST(lane.fault().empty());
}

BOOST_AUTO_TEST_CASE(the_creation_of_the_lanes_socket_is_retried) {
    std::filesystem::create_directory(directory.path(name()));
    BOOST_TEST(!keeper->open(run_id));
    std::filesystem::remove(directory.path(name()));
    open();
}

BOOST_AUTO_TEST_CASE(a_peer_of_the_lane_that_does_not_answer_is_given_up) {
    const auto listener = system::listen_at(directory.fd(), name().c_str(), 0600);
    BOOST_TEST(!fetch(1, 1).has_value());
    BOOST_TEST(lane.fault().find("respond") != std::string::npos);
    BOOST_TEST(!lane.is_open());
}

BOOST_AUTO_TEST_CASE(descriptors_for_the_command_keep_their_names) {
    open();
    relay::NamedFds fds{some_fds(2), {"http", "stored"}};
    BOOST_TEST(lane.hand_in(fds));
    relay::NamedFds got;
    const auto take = [&]() -> event::Awaitable<> { got = co_await keeper->take_handed_in(); };
    test::run(loop, take);
    BOOST_TEST(got.fds.size() == 2u);
    BOOST_TEST((got.names == fds.names));
    BOOST_TEST(inode_of(got.fds[1]) == inode_of(fds.fds[1]));
    // Descriptors that are handed in later are ignored.
    BOOST_TEST(lane.hand_in(fds));
    test::run(loop, take);
    BOOST_TEST(got.fds.empty());
}

BOOST_AUTO_TEST_CASE(the_wait_for_descriptors_ends_if_none_will_arrive) {
    open();
    relay::NamedFds got;
    loop.spawn([&]() -> event::Awaitable<> {
        co_await loop.yield();
        keeper->expect_none();
    });
    test::run(loop, [&]() -> event::Awaitable<> { got = co_await keeper->take_handed_in(); });
    BOOST_TEST(got.fds.empty());
}

BOOST_AUTO_TEST_CASE(the_socket_of_a_lane_is_removed_with_its_owner) {
    open();
    BOOST_TEST(std::filesystem::exists(directory.path(name())));
    keeper.reset();
    BOOST_TEST(!std::filesystem::exists(directory.path(name())));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
