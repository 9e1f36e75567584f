#include "init/hands/perform/watch_table.hpp"

#include <sys/inotify.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/util/concat.hpp"
#include "support/descriptors.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::perform {
namespace {

using Link = WatchTable::Link;
using util::concat;

/// A recorder of the events of owners that watch files below a directory.
struct Table {
    Table() {
        loop.spawn([this] { return poller.run(); });
        poller.on_round = [this] { ++rounds; };
        table.on_events = [this](const WatchTable::Events& events) {
            for (const auto& [owner, rule, is_content] : events.all)
                told.push_back(concat(owner, '/', rule, is_content ? " content" : ""));
            has_lost = has_lost || events.has_lost;
        };
    }

    int add(std::uint64_t owner, const std::string& name, std::uint32_t events,
            const std::string& only = "", Link link = Link::followed) {
        const auto number = table.add(directory.path(name), link, {owner, 0, events, only, false});
        return number ? *number : -number.error().value();
    }
    /// Waits until all earlier events have arrived. An event of `mark` is the last one.
    void settle() {
        const std::string mark = elsewhere.path("mark");
        elsewhere.write("mark", "");
        table.add(mark, Link::followed, {99, 0, IN_DELETE_SELF, "", false});
        std::filesystem::remove(mark);
        notifybridge::test::run(loop, [&]() -> event::Awaitable<> {
            co_await notifybridge::test::until(loop, [&] { return was_told("99/0"); });
        });
        table.remove(99);
        std::erase(told, "99/0");
    }
    bool was_told(const std::string& event) const {
        return std::ranges::find(told, event) != told.end();
    }
    std::vector<std::string> take() {
        settle();
        return std::exchange(told, {});
    }

    const notifybridge::test::TemporaryDirectory directory;
    const notifybridge::test::TemporaryDirectory elsewhere;
    event::Loop loop;
    event::Poller poller{loop};
    WatchTable table{poller};
    std::vector<std::string> told;
    unsigned rounds = 0;
    bool has_lost = false;
};

using Told = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(watch_table)

BOOST_FIXTURE_TEST_CASE(all_owners_of_a_watch_receive_its_events, Table) {
    const int number = add(1, "", IN_CREATE, "a");
    BOOST_TEST(add(2, "", IN_CREATE, "b") == number);
    BOOST_TEST(add(3, "", IN_DELETE) == number);
    directory.write("a", "");
    directory.write("c", "");
    BOOST_TEST((take() == Told{"1/0"}));
    std::filesystem::remove(directory.path("c"));
    std::filesystem::remove(directory.path("a"));
    settle();
    BOOST_TEST(was_told("3/0"));
    BOOST_TEST(!was_told("1/0"));
}

BOOST_FIXTURE_TEST_CASE(a_file_watched_twice_reports_each_event_once, Table) {
    directory.write("a", "");
    add(1, "a", IN_CLOSE_WRITE, "", Link::kept);
    add(1, "a", IN_CLOSE_WRITE);
    directory.write("a", "x");
    BOOST_TEST((take() == Told{"1/0"}));
}

BOOST_FIXTURE_TEST_CASE(a_link_and_its_target_have_different_watches, Table) {
    directory.write("a", "");
    std::filesystem::create_symlink("a", directory.path("link"));
    const int target = add(1, "link", IN_CLOSE_WRITE);
    BOOST_TEST(add(1, "link", IN_DELETE_SELF, "", Link::kept) != target);
    BOOST_TEST(add(1, "a", IN_CLOSE_WRITE) == target);
    std::filesystem::remove(directory.path("link"));
    settle();
    BOOST_TEST(was_told("1/0"));
}

BOOST_FIXTURE_TEST_CASE(a_missing_file_cannot_be_watched, Table) {
    BOOST_TEST(add(1, "nowhere", IN_ATTRIB) == -ENOENT);
    directory.write("file", "");
    BOOST_TEST(add(1, "file/below", IN_ATTRIB) == -ENOTDIR);
}

BOOST_FIXTURE_TEST_CASE(an_owner_that_was_removed_receives_no_events, Table) {
    add(1, "", IN_CREATE);
    directory.write("a", "");
    table.remove(1);
    table.remove(1);
    BOOST_TEST(take().empty());
}

BOOST_FIXTURE_TEST_CASE(events_for_an_owner_that_was_removed_cause_no_wake_up, Table) {
    std::filesystem::create_directory(directory.path("d"));
    add(1, "d", IN_CREATE);
    add(2, "d", IN_MOVE_SELF);
    table.remove(1);
    settle();
    const unsigned before = rounds;
    directory.write("d/a", "");
    notifybridge::test::run(loop, [&]() -> event::Awaitable<> { co_await loop.yield(); });
    BOOST_TEST(rounds == before);
    std::filesystem::rename(directory.path("d"), directory.path("e"));
    settle();
    BOOST_TEST(was_told("2/0"));
}

BOOST_FIXTURE_TEST_CASE(a_watched_directory_that_is_moved_keeps_its_watch, Table) {
    std::filesystem::create_directory(directory.path("d"));
    add(1, "d", IN_CREATE);
    add(2, "d", IN_DELETE);
    std::filesystem::rename(directory.path("d"), directory.path("e"));
    std::filesystem::create_directory(directory.path("d"));
    // The path leads to another directory now, which no owner watches.
    table.remove(1);
    directory.write("d/a", "");
    directory.write("e/a", "");
    std::filesystem::remove(directory.path("d/a"));
    BOOST_TEST(take().empty());
    std::filesystem::remove(directory.path("e/a"));
    BOOST_TEST((take() == Told{"2/0"}));
}

BOOST_FIXTURE_TEST_CASE(an_event_before_the_replacement_of_a_watch_is_reported, Table) {
    std::filesystem::create_directory(directory.path("d"));
    add(1, "d", IN_CREATE);
    directory.write("d/a", "");
    table.replace(1, [&] { add(1, "d", IN_CREATE | IN_DELETE); });
    BOOST_TEST((take() == Told{"1/0"}));
    std::filesystem::remove(directory.path("d/a"));
    BOOST_TEST((take() == Told{"1/0"}));
}

BOOST_FIXTURE_TEST_CASE(the_removal_of_a_file_is_reported_to_all_owners, Table) {
    directory.write("a", "");
    add(1, "a", IN_CLOSE_WRITE);
    add(2, "a", IN_ATTRIB, "name");
    std::filesystem::remove(directory.path("a"));
    settle();
    BOOST_TEST(was_told("1/0"));
    BOOST_TEST(was_told("2/0"));
    directory.write("a", "");
    BOOST_TEST((add(1, "a", IN_CLOSE_WRITE) > 0));
}

BOOST_FIXTURE_TEST_CASE(a_directory_that_is_created_1000_times_leaves_no_watch, Table) {
    add(1, "", IN_CREATE | IN_DELETE, "d");
    for (int times = 0; times < 1000; ++times) {
        std::filesystem::create_directory(directory.path("d"));
        add(2, "d", IN_CREATE);
        std::filesystem::remove(directory.path("d"));
        table.remove(2);
    }
    BOOST_TEST(std::ranges::count(take(), "1/0") == 2000);
}

BOOST_FIXTURE_TEST_CASE(an_overflow_of_the_event_queue_is_reported, Table) {
    std::filesystem::create_directory(directory.path("d"));
    add(1, "d", IN_CREATE | IN_DELETE);
    // fs.inotify.max_queued_events is 16384 by default. The kernel merges equal events in a row.
    for (int times = 0; times < 200'000 && !has_lost; ++times) {
        directory.write("d/a", "");
        std::filesystem::remove(directory.path("d/a"));
        if (times % 10'000 == 9'999)
            notifybridge::test::run(loop, [&]() -> event::Awaitable<> {
                const unsigned before = rounds;
                co_await notifybridge::test::until(loop, [&] { return rounds > before; });
            });
    }
    BOOST_TEST(has_lost);
}

BOOST_FIXTURE_TEST_CASE(a_watch_fails_if_no_descriptor_is_free, Table) {
    const auto before = notifybridge::test::open_descriptors();
    {
        const notifybridge::test::DescriptorsUsedUp used_up;
        BOOST_TEST(add(1, "", IN_CREATE) == -EMFILE);
    }
    BOOST_TEST(notifybridge::test::open_descriptors() == before);
    BOOST_TEST(add(1, "", IN_CREATE) > 0);
    BOOST_TEST(notifybridge::test::open_descriptors() == before + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
