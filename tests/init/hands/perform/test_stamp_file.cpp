#include "init/hands/perform/stamp_file.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <boost/test/unit_test.hpp>

#include "support/temporary_directory.hpp"

namespace notifybridge::perform {

BOOST_AUTO_TEST_SUITE(stamp_file)

BOOST_AUTO_TEST_CASE(the_stamp_of_a_timer_has_its_time_and_is_readable_by_all) {
    const notifybridge::test::TemporaryDirectory directory;
    const std::string path = stamp_path(directory.path("state"), "a.timer");
    BOOST_TEST(path == directory.path("state/systemd/timers/stamp-a.timer"));
    BOOST_TEST(!read_stamp(path));
    const mode_t before = ::umask(022);
    BOOST_TEST(!write_stamp(path, 1'700'000'000'123'456));
    ::umask(before);
    BOOST_TEST(read_stamp(path).value() == 1'700'000'000'123'456u);
    struct stat file {};
    BOOST_REQUIRE(::stat(path.c_str(), &file) == 0);
    BOOST_TEST((file.st_mode & 0777) == 0644u);
    BOOST_TEST(!write_stamp(path, 1));
    BOOST_TEST(read_stamp(path).value() == 1u);
}

BOOST_AUTO_TEST_CASE(a_stamp_that_cannot_be_written_returns_an_error) {
    const notifybridge::test::TemporaryDirectory directory;
    directory.write("state", "a file");
    const std::string path = stamp_path(directory.path("state"), "a.timer");
    BOOST_TEST((write_stamp(path, 1) == std::errc::not_a_directory));
    BOOST_TEST(!read_stamp(path));
}

BOOST_AUTO_TEST_CASE(the_reason_for_a_missing_stamp_directory_is_returned) {
    // Nobody can create directories in sysfs. The file itself cannot be opened without them.
    struct statfs file_system;
    if (::statfs("/sys", &file_system) < 0 || file_system.f_type != SYSFS_MAGIC) {
        BOOST_TEST_MESSAGE("skipped: sysfs is not mounted on /sys");
        return;
    }
    const auto error = write_stamp("/sys/none/stamp-a.timer", 1);
    BOOST_TEST((error && error != std::errc::no_such_file_or_directory), error.message());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
