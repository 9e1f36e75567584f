#include "bridge/probe/file_probe.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

struct Looking {
    test::TemporaryDirectory directory;
    event::Loop loop;
    process::Supervisor supervisor{loop, true};

    /// Checks that the probe calls `on_change` by itself when `act` has created the file.
    void check_seen(FileProbe& probe, const std::function<void()>& act) {
        bool holds = false;
        probe.on_change = [&] { holds = probe.look().holds; };
        probe.watch();
        BOOST_TEST(!probe.look().holds);
        test::run(loop, [&]() -> event::Awaitable<> {
            for (int turn = 0; turn < 10; ++turn)
                co_await loop.yield();
            BOOST_TEST(!holds);
            act();
            co_await test::until(loop, [&] { return holds; });
        });
        probe.on_change = nullptr;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(file_probe, Looking)

BOOST_AUTO_TEST_CASE(a_file_probe_succeeds_if_the_file_exists) {
    directory.write("file", "");
    FileProbe file(loop, supervisor, "file", directory.path("file"), 10s);
    BOOST_TEST(file.look().holds);
    FileProbe whole(loop, supervisor, "file", directory.path(), 10s);
    BOOST_TEST(whole.look().holds);
    FileProbe missing(loop, supervisor, "file", directory.path("missing"), 10s);
    BOOST_TEST(missing.look().reason == "no such file or directory");
    FileProbe below(loop, supervisor, "file", directory.path("file/below"), 10s);
    BOOST_TEST(below.look().reason == "not a directory");
}

BOOST_AUTO_TEST_CASE(a_file_probe_notices_a_created_file) {
    FileProbe probe(loop, supervisor, "file", directory.path("file"), 10s);
    check_seen(probe, [&] { directory.write("file", ""); });
}

BOOST_AUTO_TEST_CASE(a_file_probe_notices_a_renamed_file) {
    directory.write("other", "");
    FileProbe probe(loop, supervisor, "file", directory.path("file"), 10s);
    check_seen(probe,
               [&] { std::filesystem::rename(directory.path("other"), directory.path("file")); });
}

BOOST_AUTO_TEST_CASE(a_file_probe_notices_a_file_in_a_new_directory) {
    FileProbe probe(loop, supervisor, "file", directory.path("a/b/c/file"), 10s);
    check_seen(probe, [&] {
        std::filesystem::create_directories(directory.path("a/b/c"));
        directory.write("a/b/c/file", "");
    });
}

BOOST_AUTO_TEST_CASE(a_file_probe_notices_a_file_in_nested_new_directories) {
    FileProbe probe(loop, supervisor, "file", directory.path("a/b/file"), 10s);
    bool holds = false;
    probe.on_change = [&] { holds = probe.look().holds; };
    probe.watch();
    test::run(loop, [&]() -> event::Awaitable<> {
        for (const char* const step : {"a", "a/b"}) {
            std::filesystem::create_directory(directory.path(step));
            for (int turn = 0; turn < 10; ++turn)
                co_await loop.yield();
            BOOST_TEST(!holds);
        }
        directory.write("a/b/file", "");
        co_await test::until(loop, [&] { return holds; });
    });
}

BOOST_AUTO_TEST_CASE(a_file_probe_notices_the_target_of_a_link) {
    test::TemporaryDirectory elsewhere;
    std::filesystem::create_symlink(elsewhere.path("file"), directory.path("file"));
    FileProbe probe(loop, supervisor, "file", directory.path("file"), 10s);
    check_seen(probe, [&] { elsewhere.write("file", ""); });
}

BOOST_AUTO_TEST_CASE(a_file_probe_watches_a_recreated_directory_again) {
    std::filesystem::create_directory(directory.path("a"));
    FileProbe probe(loop, supervisor, "file", directory.path("a/file"), 10s);
    check_seen(probe, [&] {
        std::filesystem::remove(directory.path("a"));
        std::filesystem::create_directory(directory.path("a"));
        directory.write("a/file", "");
    });
}

BOOST_AUTO_TEST_CASE(a_file_probe_watches_a_replaced_directory_again) {
    std::filesystem::create_directory(directory.path("a"));
    FileProbe probe(loop, supervisor, "file", directory.path("a/file"), 10s);
    check_seen(probe, [&] {
        std::filesystem::rename(directory.path("a"), directory.path("b"));
        std::filesystem::create_directory(directory.path("a"));
        directory.write("a/file", "");
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
