#include "base/event/poller.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/system/pipe.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::event {
namespace {

/// A poller with its own loop.
struct Polling {
    Polling() {
        loop.spawn([this] { return poller.run(); });
    }

    void until(const std::function<bool()>& is_so) {
        notifybridge::test::run(
            loop, [&]() -> event::Awaitable<> { co_await notifybridge::test::until(loop, is_so); });
    }

    event::Loop loop;
    Poller poller{loop};
    system::Pipe one = system::make_pipe();
    system::Pipe other = system::make_pipe();
};

void write_to(system::Fd fd) {
    BOOST_REQUIRE(::write(fd.get(), "x", 1) == 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(poller)

BOOST_FIXTURE_TEST_CASE(a_descriptor_that_is_ready_is_reported, Polling) {
    unsigned calls = 0, rounds = 0;
    poller.on_round = [&] { ++rounds; };
    BOOST_REQUIRE(!poller.add(one.reading, EPOLLIN, [&] {
        ++calls;
        poller.remove(one.reading);
    }));
    write_to(one.writing);
    until([&] { return rounds > 0; });
    BOOST_TEST(calls == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_descriptor_is_reported_until_it_is_removed, Polling) {
    unsigned calls = 0, others = 0;
    BOOST_REQUIRE(!poller.add(one.reading, EPOLLIN, [&] { ++calls; }));
    BOOST_REQUIRE(!poller.add(other.reading, EPOLLIN, [&] { ++others; }));
    write_to(one.writing);
    until([&] { return calls >= 3; });
    poller.remove(one.reading);
    const unsigned before = calls;
    write_to(other.writing);
    until([&] { return others >= 3; });
    BOOST_TEST(calls == before);
}

BOOST_FIXTURE_TEST_CASE(a_callback_may_remove_another_ready_descriptor, Polling) {
    // Both descriptors are ready in the same round. The first callback removes both.
    unsigned calls = 0, rounds = 0;
    const auto on_ready = [&] {
        ++calls;
        poller.remove(one.reading);
        poller.remove(other.reading);
    };
    poller.on_round = [&] { ++rounds; };
    write_to(one.writing);
    write_to(other.writing);
    BOOST_REQUIRE(!poller.add(one.reading, EPOLLIN, on_ready));
    BOOST_REQUIRE(!poller.add(other.reading, EPOLLIN, on_ready));
    until([&] { return rounds > 0; });
    BOOST_TEST(calls == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_regular_file_cannot_be_polled, Polling) {
    const notifybridge::test::TemporaryDirectory directory;
    directory.write("file", "");
    const system::UniqueFd file(::open(directory.path("file").c_str(), O_RDONLY | O_CLOEXEC));
    BOOST_REQUIRE(file);
    BOOST_TEST(poller.add(file, EPOLLIN, [] {}).value() == EPERM);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
