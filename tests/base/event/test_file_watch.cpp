#include "base/event/file_watch.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>

#include "support/descriptors.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::event {
namespace {

using Interest = FileWatch::Interest;

struct Watched {
    test::TemporaryDirectory directory;
    Loop loop;
    system::UniqueFd file = open_file(O_RDONLY | O_CREAT);

    system::UniqueFd open_file(int flags) const {
        return system::UniqueFd(::openat(directory.fd().get(), "file", flags | O_CLOEXEC, 0644));
    }

    void replace_file() const {
        directory.write("new", "x");
        BOOST_TEST(::renameat(directory.fd().get(), "new", directory.fd().get(), "file") == 0);
    }

    /// Returns the change that `changed` reports if `act` runs during the wait.
    FileWatch::Change change_by(FileWatch& watch, const std::function<void()>& act) {
        FileWatch::Change change;
        bool acted = false;
        test::run(loop, [&]() -> Awaitable<> {
            loop.spawn([&]() -> Awaitable<> {
                co_await loop.yield();
                act();
                acted = true;
            });
            change = co_await watch.changed();
            co_await test::until(loop, [&] { return acted; });
        });
        return change;
    }
};

const bool events_arrive[] = {true, false};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(file_watch, Watched)

BOOST_DATA_TEST_CASE_F(Watched, a_write_to_a_watched_file_is_noticed, events_arrive, arrive) {
    FileWatch watch(loop, arrive);
    watch.watch_file(file, Interest::content);
    const auto writer = open_file(O_WRONLY);
    BOOST_TEST(watch.polls() == !arrive);
    const auto change = change_by(watch, [&] { BOOST_TEST(::write(writer.get(), "x", 1) == 1); });
    BOOST_TEST(change.only_content == arrive);
    BOOST_TEST(!change.writer_closed);
}

BOOST_DATA_TEST_CASE_F(Watched, a_replaced_file_is_noticed, events_arrive, arrive) {
    FileWatch watch(loop, arrive);
    watch.watch_file(file, Interest::replacement);
    const auto change = change_by(watch, [&] { replace_file(); });
    BOOST_TEST(!change.only_content);
}

BOOST_DATA_TEST_CASE_F(Watched, a_new_name_in_a_directory_is_noticed, events_arrive, arrive) {
    FileWatch watch(loop, arrive);
    watch.watch_directory(directory.fd());
    change_by(watch, [&] { directory.write("new", ""); });
    change_by(watch, [&] { replace_file(); });
}

BOOST_DATA_TEST_CASE_F(Watched, a_call_of_poke_ends_the_wait_for_a_change, events_arrive, arrive) {
    FileWatch watch(loop, arrive);
    watch.watch_file(file, Interest::content);
    const auto change = change_by(watch, [&] { watch.poke(); });
    BOOST_TEST(!change.only_content);
    BOOST_TEST(!change.writer_closed);
}

BOOST_DATA_TEST_CASE_F(Watched, a_call_of_poke_before_the_wait_is_not_lost, events_arrive, arrive) {
    FileWatch watch(loop, arrive);
    watch.poke();
    change_by(watch, [] {});
}

BOOST_AUTO_TEST_CASE(without_a_watch_only_a_call_of_poke_ends_the_wait) {
    FileWatch watch(loop, true);
    change_by(watch, [&] { watch.poke(); });
}

BOOST_AUTO_TEST_CASE(a_writer_that_closes_a_watched_file_is_noticed) {
    FileWatch watch(loop, true);
    watch.watch_file(file, Interest::content);
    auto writer = open_file(O_WRONLY);
    const auto change = change_by(watch, [&] { writer.reset(); });
    BOOST_TEST(change.writer_closed);
    BOOST_TEST(!change.only_content);
}

BOOST_AUTO_TEST_CASE(writes_do_not_end_the_wait_for_a_replacement) {
    FileWatch watch(loop, true);
    watch.watch_file(file, Interest::replacement);
    const auto writer = open_file(O_WRONLY);
    bool seen = false;
    loop.spawn([&]() -> Awaitable<> {
        co_await watch.changed();
        seen = true;
    });
    test::run(loop, [&]() -> Awaitable<> {
        BOOST_TEST(::write(writer.get(), "x", 1) == 1);
        for (int turn = 0; turn < 10; ++turn)
            co_await loop.yield();
        BOOST_TEST(!seen);
        replace_file();
        co_await test::until(loop, [&] { return seen; });
    });
}

BOOST_AUTO_TEST_CASE(a_new_watch_replaces_the_previous_watch) {
    FileWatch watch(loop, true);
    watch.watch_file(file, Interest::content);
    const auto old_writer = open_file(O_WRONLY);
    replace_file();
    const auto next = open_file(O_RDONLY);
    watch.watch_file(next, Interest::content);
    change_by(watch, [] {});  // This event came from the removed watch.
    const auto writer = open_file(O_WRONLY);
    const auto change = change_by(watch, [&] {
        BOOST_TEST(::write(old_writer.get(), "x", 1) == 1);
        BOOST_TEST(::write(writer.get(), "x", 1) == 1);
    });
    BOOST_TEST(change.only_content);
}

BOOST_AUTO_TEST_CASE(an_unwatched_file_reports_no_change) {
    FileWatch watch(loop, true);
    watch.unwatch();
    watch.watch_file(file, Interest::content);
    watch.unwatch();
    change_by(watch, [] {});  // This event came from the removed watch.
    bool seen = false;
    loop.spawn([&]() -> Awaitable<> {
        co_await watch.changed();
        seen = true;
    });
    test::run(loop, [&]() -> Awaitable<> {
        const auto writer = open_file(O_WRONLY);
        BOOST_TEST(::write(writer.get(), "x", 1) == 1);
        for (int turn = 0; turn < 10; ++turn)
            co_await loop.yield();
        BOOST_TEST(!seen);
        watch.watch_file(file, Interest::content);
        BOOST_TEST(::write(writer.get(), "x", 1) == 1);
        co_await test::until(loop, [&] { return seen; });
    });
}

BOOST_AUTO_TEST_CASE(without_an_inotify_instance_the_file_is_polled) {
    FileWatch watch(loop, true);
    {
        const test::DescriptorsUsedUp none;
        watch.watch_file(file, Interest::content);
    }
    BOOST_TEST(watch.polls());
    change_by(watch, [] {});
}

BOOST_AUTO_TEST_CASE(polling_of_a_file_slows_down_without_activity) {
    FileWatch watch(loop, false);
    watch.watch_file(file, Interest::content);
    const auto before = std::chrono::steady_clock::now();
    for (int look = 0; look < 5; ++look)
        change_by(watch, [] {});
    const auto span = std::chrono::steady_clock::now() - before;
    BOOST_TEST((span >= std::chrono::milliseconds(1 + 2 + 4 + 8 + 16)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
