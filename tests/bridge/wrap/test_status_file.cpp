#include "bridge/wrap/status_file.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>

#include "bridge/channel/directory.hpp"
#include "support/log_records.hpp"
#include "support/still_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;

struct Filed {
    explicit Filed(test::Fault fault = {}) : loop(fault) {
        file.on_lack_of_room = [this] { ++lacks; };
        loop.spawn([this] { return file.run(); });
        loop.settle();
    }

    void change(std::string_view text) {
        status.state.facts[notify::Key::status] = text;
        file.changed();
        loop.settle();
    }

    void count(std::uint64_t messages) {
        status.messages = messages;
        file.changed();
        loop.settle();
    }

    void write() {
        const test::As process(1);
        file.write();
    }

    bool exists() const { return std::filesystem::exists(directory.path(channel::status_name)); }

    ino_t inode() const {
        struct stat found = {};
        ::fstatat(directory.fd().get(), channel::status_name, &found, 0);
        return found.st_ino;
    }

    channel::ContainerStatus in_file() const {
        return channel::parse_container_status(directory.read(channel::status_name));
    }

    std::string text_in_file() const { return in_file().state.facts[notify::Key::status]; }

    test::TemporaryDirectory directory;
    test::LogRecords log{util::Severity::warning};
    test::StillLoop loop;
    channel::ContainerStatus status;
    StatusFile file{loop, directory.fd(), status};
    int lacks = 0;
};

/// A status file whose disk is full for half a second from the first write on.
struct FiledOnFullDisk : Filed {
    FiledOnFullDisk() : Filed({.nth = 1, .error = ENOSPC, .lasts = 500ms}) {}
};

/// A status file that cannot be opened for half a second.
struct FiledWithFewFds : Filed {
    FiledWithFewFds() : Filed({.nth = 1, .error = EMFILE, .lasts = 500ms}) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(status_file)

BOOST_FIXTURE_TEST_CASE(the_first_change_of_a_status_is_written_at_once, Filed) {
    BOOST_TEST(!exists());
    change("one");
    BOOST_TEST(text_in_file() == "one");
}

BOOST_FIXTURE_TEST_CASE(changes_of_a_status_are_written_ten_times_a_second, Filed) {
    change("one");
    change("two");
    loop.pass(90ms);
    change("three");
    BOOST_TEST(text_in_file() == "one");
    loop.pass(20ms);
    BOOST_TEST(text_in_file() == "three");
}

BOOST_FIXTURE_TEST_CASE(counts_in_a_status_are_written_once_a_second, Filed) {
    change("one");
    count(1);
    loop.pass(900ms);
    count(2);
    BOOST_TEST(in_file().messages == 0u);
    loop.pass(200ms);
    BOOST_TEST(in_file().messages == 2u);
}

BOOST_FIXTURE_TEST_CASE(other_changes_of_a_status_are_written_before_counts, Filed) {
    change("one");
    count(1);
    change("two");
    loop.pass(110ms);
    BOOST_TEST(text_in_file() == "two");
    BOOST_TEST(in_file().messages == 1u);
}

BOOST_FIXTURE_TEST_CASE(an_unchanged_status_is_not_written_again, Filed) {
    change("one");
    const auto first = inode();
    loop.pass(2s);
    change("one");
    loop.pass(2s);
    BOOST_TEST(inode() == first);
    file.remove();
    change("one");
    BOOST_TEST(text_in_file() == "one");
}

BOOST_FIXTURE_TEST_CASE(a_stopped_status_file_is_only_written_on_demand, Filed) {
    file.stop(true);
    change("one");
    loop.pass(2s);
    BOOST_TEST(!exists());
    write();
    BOOST_TEST(text_in_file() == "one");
    file.stop(false);
    change("two");
    loop.pass(200ms);
    BOOST_TEST(text_in_file() == "two");
}

BOOST_FIXTURE_TEST_CASE(a_removed_status_file_returns_with_the_next_change, Filed) {
    change("one");
    file.remove();
    BOOST_TEST(!exists());
    change("two");
    loop.pass(200ms);
    BOOST_TEST(text_in_file() == "two");
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_for_the_status_file_is_reported_once, FiledOnFullDisk) {
    change("one");
    BOOST_TEST(file.lacks_room());
    BOOST_TEST(lacks == 1);
    BOOST_TEST(log.has(
        "cannot write the file container-status of the shared directory: No space left on device"));
    write();
    BOOST_TEST(log.texts().size() == 1u);
    loop.pass(600ms);
    BOOST_TEST(!exists());
    write();
    BOOST_TEST(!file.lacks_room());
    BOOST_TEST(text_in_file() == "one");
}

BOOST_FIXTURE_TEST_CASE(a_stopped_status_file_reports_no_full_disk, FiledOnFullDisk) {
    file.stop(true);
    write();
    BOOST_TEST(file.lacks_room());
    BOOST_TEST(log.texts().empty());
}

BOOST_FIXTURE_TEST_CASE(on_a_full_disk_a_change_only_reports_the_lack_of_room, FiledOnFullDisk) {
    change("one");
    loop.pass(600ms);
    change("two");
    loop.pass(200ms);
    BOOST_TEST(!exists());
    BOOST_TEST(lacks == 2);
}

BOOST_FIXTURE_TEST_CASE(a_status_file_is_written_after_a_temporary_failure, FiledWithFewFds) {
    change("one");
    BOOST_TEST(!exists());
    BOOST_TEST(lacks == 0);
    loop.pass(400ms);
    BOOST_TEST(!exists());
    loop.pass(200ms);
    BOOST_TEST(text_in_file() == "one");
    BOOST_TEST(log.texts().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
