#include "bridge/runtime/run_place.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/system/lock.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/journal_writer.hpp"
#include "bridge/runtime/bounded_mount.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {
namespace {

using namespace std::chrono_literals;

mode_t mode_of(const std::string& path) {
    struct stat status {};
    BOOST_TEST_REQUIRE(::stat(path.c_str(), &status) == 0, path);
    return status.st_mode & 07777;
}

bool is_there(const std::string& path) {
    return std::filesystem::exists(path);
}

/// Returns whether the file disappears within 30 s.
bool goes(const std::string& path) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (is_there(path) && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    return !is_there(path);
}

/// Creates the shared directory as `wait` does, and files that a container has left in it.
void use(const RunPlace& place) {
    const std::string shared = place.path() + "/shared";
    std::filesystem::create_directories(shared + "/a/b/c");
    std::ofstream(shared + "/a/b/c/file") << "junk";
}

/// The journal of a live `wrap`.
class LiveRun {
public:
    explicit LiveRun(const RunPlace& place) {
        const std::string shared = place.path() + "/shared";
        std::filesystem::create_directories(shared);
        directory_.reset(::open(shared.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        channel::JournalHeader header;
        header.pid = static_cast<std::uint32_t>(::getpid());
        writer_ = std::make_unique<channel::JournalWriter>(directory_, header);
    }

private:
    system::UniqueFd directory_;
    std::unique_ptr<channel::JournalWriter> writer_;
};

BOOST_AUTO_TEST_SUITE(run_place)

BOOST_AUTO_TEST_CASE(each_service_has_one_private_directory_for_its_run) {
    const test::TemporaryDirectory above;
    const std::string path = above.path() + "/notifybridge/app.service";
    for (int start = 0; start < 2; ++start) {
        RunPlace place = RunPlace::of_service(above.path(), "app.service");
        BOOST_TEST(place.path() == path);
        BOOST_TEST(mode_of(path) == 0700U);
        BOOST_TEST(mode_of(above.path() + "/notifybridge") == 0711U);
        use(place);
        place.finish();
        BOOST_TEST(!is_there(path));
    }
}

BOOST_AUTO_TEST_CASE(a_container_cannot_fill_the_hosts_file_system) {
    const test::TemporaryDirectory above;
    RunPlace place = RunPlace::of_service(above.path(), "app.service");
    if (::geteuid() != 0 || !place.why_unbounded().empty())
        return;
    struct statvfs room {};
    BOOST_REQUIRE(::statvfs(place.path().c_str(), &room) == 0);
    BOOST_TEST(room.f_blocks * room.f_frsize <= 256U * 1024 * 1024);
    BOOST_TEST(room.f_files <= 256U);
    place.finish();
    BOOST_TEST(!has_own_mount(place.path()));
}

BOOST_AUTO_TEST_CASE(a_full_file_system_is_explained) {
    const test::TemporaryDirectory above;
    if (::mount("tmpfs", above.path().c_str(), "tmpfs", 0, "nr_inodes=2") < 0)
        return;
    for (const bool is_service : {true, false}) {
        std::string said;
        try {
            if (is_service)
                RunPlace::of_service(above.path(), "app.service");
            else
                RunPlace::temporary(above.path());
        } catch (const Refusal& refusal) {
            said = refusal.what();
        }
        BOOST_TEST(said.starts_with("cannot make \"" + above.path()), said);
        BOOST_TEST(
            said.ends_with(": No space left on device; its file system is full (see `df` and "
                           "`df -i`); remove files there, or choose another directory with "
                           "SHARED_DIR"),
            said);
    }
    ::umount(above.path().c_str());
}

BOOST_AUTO_TEST_CASE(the_size_limit_of_a_directory_depends_on_the_memory) {
    constexpr std::uint64_t mebi = 1024 * 1024;
    BOOST_TEST(bound_of_memory(64 * 1024 * mebi) == 256 * mebi);
    BOOST_TEST(bound_of_memory(512 * mebi) == 128 * mebi);
    BOOST_TEST(bound_of_memory(1) == 16 * mebi);
}

BOOST_AUTO_TEST_CASE(the_directory_of_a_live_run_stays) {
    const test::TemporaryDirectory above;
    std::string path;
    {
        RunPlace place = RunPlace::of_service(above.path(), "app.service");
        path = place.path();
        const LiveRun run(place);
        place.finish();
        BOOST_TEST(is_there(path + "/shared/journal"));
        // The next start finds this run.
        RunPlace next;
        {
            place = RunPlace();
            next = RunPlace::of_service(above.path(), "app.service");
        }
        BOOST_TEST(is_there(path + "/shared/journal"));
        place = std::move(next);
        place.finish();
        BOOST_TEST(is_there(path + "/shared/journal"));
    }
    RunPlace place = RunPlace::of_service(above.path(), "app.service");
    BOOST_TEST(!is_there(path + "/shared"));
    place.finish();
    BOOST_TEST(!is_there(path));
}

BOOST_AUTO_TEST_CASE(the_directory_of_a_killed_run_is_removed) {
    const test::TemporaryDirectory above;
    const pid_t child = ::fork();
    if (child == 0) {
        const RunPlace place = RunPlace::of_service(above.path(), "app.service");
        use(place);
        ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(child, nullptr, 0);
    BOOST_TEST(goes(above.path() + "/notifybridge/app.service"));
}

BOOST_AUTO_TEST_CASE(the_next_start_removes_abandoned_directories) {
    const test::TemporaryDirectory above;
    const std::string all = above.path() + "/notifybridge";
    // Create the files that remain after all processes of the unit were killed at once.
    std::filesystem::create_directories(all + "/gone.service/shared/deep");
    std::filesystem::create_directories(all + "/chosen/shared");
    std::ofstream(all + "/chosen/notes") << "not ours";
    ::chmod((all + "/gone.service").c_str(), 0700);
    ::chmod((all + "/chosen").c_str(), 0700);
    RunPlace other = RunPlace::of_service(above.path(), "other.service");
    use(other);
    RunPlace place = RunPlace::of_service(above.path(), "app.service");
    BOOST_TEST(!is_there(all + "/gone.service"));
    BOOST_TEST(is_there(all + "/chosen/notes"));
    BOOST_TEST(is_there(other.path() + "/shared/a"));
    other.finish();
    place.finish();
}

BOOST_AUTO_TEST_CASE(a_temporary_directory_is_removed_with_its_run) {
    const test::TemporaryDirectory above;
    RunPlace place = RunPlace::temporary(above.path());
    BOOST_TEST(place.path().starts_with(above.path() + "/notifybridge/run."));
    const std::string path = place.path();
    {
        const LiveRun run(place);
        place = RunPlace();
        BOOST_TEST(is_there(path + "/shared/journal"));
    }
    BOOST_TEST(goes(path));
}

BOOST_AUTO_TEST_CASE(a_too_long_name_is_replaced_by_a_stable_name) {
    const std::string name = std::string(200, 'a') + ".service";
    const std::string place = service_place("/run", name);
    BOOST_TEST(place.size() < 50U);
    BOOST_TEST(service_place("/run", name) == place);
    BOOST_TEST(service_place("/run", "b" + name) != place);
}

BOOST_AUTO_TEST_CASE(a_file_in_place_of_the_runs_directory_is_refused) {
    const test::TemporaryDirectory above;
    above.write("notifybridge", "");
    BOOST_CHECK_THROW(RunPlace::of_service(above.path(), "app.service"), Refusal);
    BOOST_CHECK_THROW(RunPlace::temporary(above.path("missing")), Refusal);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::runtime
