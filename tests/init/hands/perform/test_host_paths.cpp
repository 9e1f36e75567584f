#include "init/hands/perform/host_paths.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "host_world.hpp"
#include "support/descriptors.hpp"

namespace notifybridge::perform {
namespace {

using unit_types::Path;
using util::concat;

/// A world with path units. The units that they trigger stay inactive, so a path unit stays running
/// after it has triggered its unit.
struct PathWorld : test::World {
    /// Adds a path unit with a rule for a file below the test's directory.
    Path& add(const std::string& name, const std::string& kind, const std::string& path,
              const std::string& lines = "") {
        World::add(name + ".target", "[Unit]\nDefaultDependencies=no\n").state =
            manager::ActiveState::inactive;
        return add_path(name + ".path", concat("[Unit]\nDefaultDependencies=no\n[Path]\n", kind,
                                               '=', at(path), "\nUnit=", name, ".target\n", lines));
    }
    Path& start(const std::string& name, const std::string& kind, const std::string& path,
                const std::string& lines = "") {
        Path& unit = add(name, kind, path, lines);
        start(unit);
        return unit;
    }
    void start(Path& unit) {
        engine.enqueue(manager::JobType::start, unit, unit::JobMode::replace);
        engine.run_due();
    }
    void stop(Path& unit) {
        engine.enqueue(manager::JobType::stop, unit, unit::JobMode::replace);
        engine.run_due();
    }
    std::string at(const std::string& name) const { return units.directory.path(name); }
    void write(const std::string& name, const std::string& text = "") const {
        units.directory.write(name, text);
    }
    void make(const std::string& name) const { std::filesystem::create_directories(at(name)); }
    void move(const std::string& from, const std::string& to) const {
        std::filesystem::rename(at(from), at(to));
    }
    void until_running(const Path& path) {
        BOOST_TEST_CONTEXT(path.id())
        until([&] { return path.sub_state() == "running"; });
    }
    /// Waits until all earlier events have arrived.
    void settle() {
        Path& last = start("settled", "PathExists", "settled");
        write("settled");
        until_running(last);
        std::filesystem::remove(at("settled"));
        stop(last);
        host.paths.forget(last);
    }
};

bool waits(const Path& path) {
    return path.sub_state() == "waiting";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_paths)

BOOST_FIXTURE_TEST_CASE(a_path_unit_notices_a_new_file, PathWorld) {
    const Path& exists = start("exists", "PathExists", "d/e/file");
    const Path& glob = start("glob", "PathExistsGlob", "d/e/*.[ab]");
    const Path& filled = start("filled", "DirectoryNotEmpty", "d/e");
    BOOST_TEST((waits(exists) && waits(glob) && waits(filled)));
    make("d");
    make("d/e");
    write("d/e/.hidden");
    settle();
    BOOST_TEST((waits(exists) && waits(glob) && waits(filled)));
    write("d/e/file");
    until_running(exists);
    until_running(filled);
    BOOST_TEST(waits(glob));
    write("d/e/x.b");
    until_running(glob);
    BOOST_TEST(glob.trigger_environment().back() == concat("TRIGGER_PATH=", at("d/e/x.b")));
}

BOOST_FIXTURE_TEST_CASE(a_path_unit_notices_a_changed_file, PathWorld) {
    write("file");
    const Path& changed = start("changed", "PathChanged", "file");
    const Path& modified = start("modified", "PathModified", "file");
    std::ofstream file(at("file"));
    file << "text" << std::flush;
    until_running(modified);
    BOOST_TEST(waits(changed));
    file.close();
    until_running(changed);
}

BOOST_FIXTURE_TEST_CASE(a_new_mode_or_the_removal_of_a_file_counts_as_a_change, PathWorld) {
    write("a");
    write("b");
    const Path& rights = start("rights", "PathChanged", "a");
    const Path& end = start("end", "PathChanged", "b");
    ::chmod(at("a").c_str(), 0600);
    std::filesystem::remove(at("b"));
    until_running(rights);
    until_running(end);
}

BOOST_FIXTURE_TEST_CASE(a_directory_created_1000_times_is_still_watched, PathWorld) {
    Path& path = start("a", "PathExists", "d/file");
    for (int times = 0; times < 1000; ++times) {
        make("d");
        write("d/file");
        std::filesystem::remove_all(at("d"));
    }
    settle();
    // The file no longer exists, but a file that is created later is noticed.
    BOOST_TEST(waits(path));
    make("d");
    write("d/file");
    until_running(path);
}

BOOST_FIXTURE_TEST_CASE(a_directory_that_is_moved_to_the_watched_path_is_noticed, PathWorld) {
    make("other/e");
    write("other/e/file");
    const Path& path = start("a", "PathExists", "d/e/file");
    move("other", "d");
    until_running(path);
}

BOOST_FIXTURE_TEST_CASE(a_directory_that_was_moved_away_is_not_watched, PathWorld) {
    make("d/e");
    const Path& path = start("a", "PathExists", "d/e/file");
    move("d", "other");
    settle();
    write("other/e/file");
    settle();
    BOOST_TEST(waits(path));
    make("d/e");
    write("d/e/file");
    until_running(path);
}

BOOST_FIXTURE_TEST_CASE(a_replaced_link_in_a_watched_path_is_followed, PathWorld) {
    make("one");
    make("two");
    std::filesystem::create_symlink("one", at("link"));
    const Path& path = start("a", "PathExists", "link/file");
    std::filesystem::create_symlink("two", at("new"));
    move("new", "link");
    settle();
    write("one/file");
    settle();
    BOOST_TEST(waits(path));
    write("two/file");
    until_running(path);
}

BOOST_FIXTURE_TEST_CASE(a_change_during_the_check_of_another_path_is_noticed, PathWorld) {
    make("d");
    const Path& path = start("a", "PathChanged", "d", concat("PathExists=", at("file"), '\n'));
    // Cause more events than one read takes, and then the event that counts.
    for (int times = 0; times < 1000; ++times) {
        write("file");
        std::filesystem::remove(at("file"));
    }
    write("d/new");
    until_running(path);
    BOOST_TEST(path.trigger_environment().back() == concat("TRIGGER_PATH=", at("d")));
}

BOOST_FIXTURE_TEST_CASE(a_path_unit_whose_path_can_never_be_watched_fails, PathWorld) {
    write("file");
    std::filesystem::create_symlink("loop", at("loop"));
    BOOST_TEST(start("a", "PathExists", "file/below").result() == "resources");
    BOOST_TEST(start("b", "PathChanged", "loop/below").result() == "resources");
}

BOOST_FIXTURE_TEST_CASE(only_path_units_that_wait_have_a_descriptor, PathWorld) {
    const auto before = notifybridge::test::open_descriptors();
    make("running");
    start("running", "PathExists", "running");
    BOOST_TEST(notifybridge::test::open_descriptors() == before);
    for (int number = 0; number < 200; ++number)
        start(concat("p", number), "PathExists", concat("d", number, "/file"));
    BOOST_TEST(notifybridge::test::open_descriptors() == before + 1);
}

BOOST_FIXTURE_TEST_CASE(events_of_other_files_cause_no_check_of_a_path, PathWorld) {
    Path& path = start("a", "PathExists", "d/file");
    settle();
    unsigned looks = 0;
    const auto find = host.state.find_unit;
    host.state.find_unit = [&](std::string_view key) {
        looks += key == "a.path";
        return find(key);
    };
    make("other");
    settle();
    BOOST_TEST(looks == 0u);
    make("d");
    settle();
    BOOST_TEST(looks == 1u);
    stop(path);
}

BOOST_FIXTURE_TEST_CASE(paths_are_polled_if_no_descriptor_is_free, PathWorld) {
    write("file", "one");
    make("d");
    HostPaths paths(loop, host.state, std::chrono::milliseconds(2));
    use_paths(paths);
    Path& exists = add("exists", "PathExists", "d/new");
    Path& changed = add("changed", "PathChanged", "file");
    {
        const notifybridge::test::DescriptorsUsedUp used_up;
        start(exists);
        start(changed);
    }
    BOOST_TEST((waits(exists) && waits(changed)));
    until([&] { return has_logged("checking them every second instead."); });
    BOOST_TEST(
        has_logged("cannot watch the paths: Too many open files; checking them every second"));
    BOOST_TEST(has_logged("Raise the limit: sysctl fs.inotify.max_user_instances=NUMBER"));
    write("d/new");
    until_running(exists);
    write("file", "longer");
    until_running(changed);
    stop(exists);
    stop(changed);
    use_paths(host.paths);
}

BOOST_FIXTURE_TEST_CASE(a_path_unit_creates_directories_with_their_mode, PathWorld) {
    BOOST_TEST(!host.paths.make_directory(at("a/b/c"), 0711));
    for (const char* const name : {"a", "a/b", "a/b/c"}) {
        struct stat status {};
        BOOST_REQUIRE(::stat(at(name).c_str(), &status) == 0);
        BOOST_TEST((status.st_mode & 07777) == 0711u);
    }
    BOOST_TEST(!host.paths.make_directory(at("a/b/c"), 0700));
    write("file");
    BOOST_TEST(host.paths.make_directory(at("file"), 0700).value() == EEXIST);
    BOOST_TEST(host.paths.make_directory(at("file/below"), 0700).value() == ENOTDIR);
}

BOOST_FIXTURE_TEST_CASE(many_files_are_looked_at_by_a_child, PathWorld) {
    for (int directory = 0; directory < 25; ++directory)
        for (int name = 0; name < 25; ++name)
            make(concat("d/", directory, '/', name));
    make("hidden");
    for (int number = 0; number < 600; ++number)
        write(concat("hidden/.", number));
    write("d/24/24/x");
    const Path& few = start("few", "PathExistsGlob", "d/24/*/x");
    const Path& many = start("many", "PathExistsGlob", "d/*/*/x");
    const Path& hidden = start("hidden", "DirectoryNotEmpty", "hidden");
    BOOST_TEST(!waits(few));
    BOOST_TEST((waits(many) && waits(hidden)));
    until_running(many);
    BOOST_TEST(many.trigger_environment().back() == concat("TRIGGER_PATH=", at("d/24/24/x")));
    write("hidden/file");
    until_running(hidden);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
