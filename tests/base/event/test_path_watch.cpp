#include "base/event/path_watch.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::event {
namespace {

struct Watching {
    Watching() {
        loop.spawn([this] { return poller.run(); });
    }

    void watch(const std::string& who, const std::string& name) {
        paths.watch(who, directory.path(name), [this, name] {
            ++reports[name];
            if (std::filesystem::exists(directory.path(name)))
                ++found[name];
        });
    }
    /// Creates a file, and waits until a change of `watched` is reported.
    void create(const std::string& name, const std::string& watched) {
        directory.write(name, "x");
        wait_for([&] { return found[watched] > 0; });
    }
    void wait_for(const std::function<bool()>& is_so) {
        notifybridge::test::run(
            loop, [&]() -> event::Awaitable<> { co_await notifybridge::test::until(loop, is_so); });
    }

    const notifybridge::test::TemporaryDirectory directory;
    event::Loop loop;
    Poller poller{loop};
    PathWatch paths{poller};
    std::map<std::string, unsigned> reports;  ///< The number of reports, by the name of the file.
    /// The number of reports at which the file existed, by the name of the file.
    std::map<std::string, unsigned> found;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(path_watch)

BOOST_FIXTURE_TEST_CASE(a_file_in_a_new_directory_is_reported, Watching) {
    watch("a", "d/e/file");
    std::filesystem::create_directories(directory.path("d/e"));
    wait_for([&] { return reports["d/e/file"] > 0; });
    BOOST_TEST(found["d/e/file"] == 0u);
    create("d/e/file", "d/e/file");
}

BOOST_FIXTURE_TEST_CASE(a_watcher_watches_only_its_last_path, Watching) {
    watch("a", "former");
    watch("a", "file");
    create("file", "file");
    BOOST_TEST(reports["former"] == 0u);
}

BOOST_FIXTURE_TEST_CASE(several_watchers_may_watch_the_same_path, Watching) {
    watch("a", "file");
    watch("b", "file");
    paths.unwatch("a");
    create("file", "file");
}

BOOST_FIXTURE_TEST_CASE(a_path_that_is_not_watched_is_not_reported, Watching) {
    watch("a", "former");
    watch("b", "file");
    paths.unwatch("a");
    directory.write("former", "x");
    create("file", "file");
    BOOST_TEST(reports["former"] == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_path_can_be_watched_after_all_others_were_removed, Watching) {
    watch("a", "former");
    paths.unwatch("a");
    watch("b", "file");
    create("file", "file");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
