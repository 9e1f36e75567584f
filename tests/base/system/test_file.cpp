#include "base/system/file.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "base/system/datagram.hpp"
#include "base/system/writable.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::system {
namespace {

struct Place : test::TemporaryDirectory {
    int open_error(const char* name) const {
        const auto file = open_regular(fd(), name, O_RDONLY);
        return file ? 0 : file.error().value();
    }

    std::vector<std::string> only(const std::string& name) const { return {name}; }
};

/// Runs `act` in a new process. Returns the result of `act`.
template <typename Act>
int in_child(const Act& act) {
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(act());
    int status = 0;
    BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
    return WEXITSTATUS(status);
}

/// Moves this process to a new mount namespace, and mounts `file` on `place` there.
bool mount_on(const std::string& file, const std::string& place) {
    return ::unshare(CLONE_NEWNS) == 0
           && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
           && ::mount(file.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

/// Makes a system call fail with EPERM. A container's seccomp filter does the same for calls that
/// it does not list.
bool refuse(long call) {
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{std::size(filter), filter};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(files, Place)

BOOST_AUTO_TEST_CASE(a_regular_file_is_opened) {
    write("file", "content");
    const auto file = open_regular(fd(), "file", O_RDONLY);
    BOOST_REQUIRE(file.has_value());
    BOOST_TEST(read_text(*file, 100).value() == "content");
    BOOST_TEST((::fcntl(file->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

BOOST_AUTO_TEST_CASE(opening_a_missing_file_fails) {
    BOOST_TEST(open_error("nothing") == ENOENT);
}

BOOST_AUTO_TEST_CASE(a_link_is_not_opened_as_a_regular_file) {
    write("file", "");
    BOOST_TEST_REQUIRE(::symlinkat("file", fd().get(), "link") == 0);
    BOOST_TEST_REQUIRE(::symlinkat("nowhere", fd().get(), "dangling") == 0);
    BOOST_TEST(open_error("link") == ELOOP);
    BOOST_TEST(open_error("dangling") == ELOOP);
}

BOOST_AUTO_TEST_CASE(a_fifo_is_not_opened_as_a_regular_file) {
    BOOST_TEST_REQUIRE(::mkfifoat(fd().get(), "fifo", 0644) == 0);
    BOOST_TEST(open_error("fifo") == EMEDIUMTYPE);
}

BOOST_AUTO_TEST_CASE(a_directory_is_not_opened_as_a_regular_file) {
    BOOST_TEST_REQUIRE(::mkdirat(fd().get(), "directory", 0755) == 0);
    BOOST_TEST(open_error("directory") == EISDIR);
}

BOOST_AUTO_TEST_CASE(a_socket_is_not_opened_as_a_regular_file) {
    const auto socket = make_socket(AF_UNIX, SOCK_DGRAM);
    const auto address = SocketAddress::unix_path(path("socket"));
    BOOST_TEST_REQUIRE(::bind(socket.get(), address.data(), address.size()) == 0);
    BOOST_TEST(open_error("socket") == EMEDIUMTYPE);
}

BOOST_AUTO_TEST_CASE(a_device_is_not_opened_as_a_regular_file,
                     *boost::unit_test::precondition(test::is_root)) {
    if (::mknodat(fd().get(), "null", S_IFCHR | 0666, makedev(1, 3)) == 0)
        BOOST_TEST(open_error("null") == EMEDIUMTYPE);
    else
        BOOST_TEST(errno == EPERM);  // In a user namespace, root cannot create devices.
}

BOOST_AUTO_TEST_CASE(a_file_that_is_a_mount_point_is_not_opened,
                     *boost::unit_test::precondition(test::is_root)) {
    write("file", "");
    write("other", "");
    for (const bool has_openat2 : {true, false}) {
        const int error = in_child([&] {
            if (!mount_on(path("other"), path("file")) || (!has_openat2 && !refuse(SYS_openat2)))
                return EPERM;
            // Open the directory again. A descriptor from the old mount namespace would show the
            // file below the mount.
            const auto place = open_directory(path());
            if (!place || !open_regular(*place, "other", O_RDONLY))
                return EIO;
            const auto file = open_regular(*place, "file", O_RDONLY);
            return file ? 0 : file.error().value();
        });
        BOOST_TEST_WARN(error != EPERM, "nothing can be mounted here");
        if (error != EPERM)
            BOOST_TEST(error == EXDEV);
    }
}

BOOST_AUTO_TEST_CASE(a_directory_that_takes_no_new_files_is_not_writable) {
    BOOST_TEST(is_writable(fd()));
    const auto process = open_directory("/proc/self");
    BOOST_REQUIRE(process.has_value());
    BOOST_TEST(!is_writable(*process));
}

BOOST_AUTO_TEST_CASE(a_check_for_writing_works_if_a_filter_refuses_faccessat2) {
    // The number of this call is the same on all architectures. Headers before Linux 5.8 lack it.
    constexpr long faccessat2 = 439;
    const int outcome = in_child([&] {
        if (!refuse(faccessat2))
            return ENOTSUP;
        return is_writable(fd()) ? 0 : errno;
    });
    BOOST_TEST_WARN(outcome != ENOTSUP, "the kernel has no filters");
    if (outcome != ENOTSUP)
        BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(a_path_that_leaves_the_directory_is_not_opened) {
    write("file", "");
    const std::string outside = "../" + std::filesystem::path(path()).filename().string() + "/file";
    BOOST_TEST(open_error(outside.c_str()) != 0);
}

BOOST_AUTO_TEST_CASE(a_created_file_is_new_and_readable_by_all) {
    const mode_t before = ::umask(0077);
    const auto file = create_file(fd(), "file");
    ::umask(before);
    BOOST_REQUIRE(file.has_value());
    struct stat status;
    BOOST_TEST_REQUIRE(::fstat(file->get(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0644u);
    BOOST_TEST(create_file(fd(), "file").error().value() == EEXIST);
}

BOOST_AUTO_TEST_CASE(a_replaced_file_has_the_whole_new_content) {
    write("file", "old");
    const auto old = open_regular(fd(), "file", O_RDONLY);
    const auto fresh = replace_file(fd(), "file", bytes_of("new content"));
    BOOST_REQUIRE(fresh.has_value());
    BOOST_TEST(read("file") == "new content");
    BOOST_TEST(read_text(*old, 100).value() == "old");
    BOOST_TEST((*identity(*fresh) == *identity(fd(), "file")));
    BOOST_TEST(names() == only("file"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_replaced_link_leaves_its_target_unchanged) {
    write("target", "old");
    BOOST_TEST_REQUIRE(::symlinkat("target", fd().get(), "link") == 0);
    BOOST_TEST(replace_file(fd(), "link", bytes_of("new")).has_value());
    BOOST_TEST(read("target") == "old");
    BOOST_TEST(open_error("link") == 0);
}

BOOST_AUTO_TEST_CASE(a_refused_replacement_keeps_the_old_file) {
    write("file", "old");
    const auto refused = replace_file(fd(), "file", bytes_of("new"), [](Fd) -> Result<int> {
        return boost::system::error_code(ENOLCK, boost::system::system_category());
    });
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().value() == ENOLCK);
    BOOST_TEST(read("file") == "old");
    BOOST_TEST(names() == only("file"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_failed_replacement_leaves_no_temporary_file) {
    BOOST_TEST_REQUIRE(::mkdirat(fd().get(), "taken", 0755) == 0);
    BOOST_TEST(replace_file(fd(), "taken", bytes_of("new")).error().value() == EISDIR);
    BOOST_TEST(names() == only("taken"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bytes_written_at_an_offset_are_read_at_the_same_offset) {
    const auto file = create_file(fd(), "file");
    BOOST_TEST(write_at(*file, bytes_of("world"), 6).value() == 5u);
    BOOST_TEST(write_at(*file, bytes_of("hello "), 0).value() == 6u);
    std::vector<std::byte> buffer(100);
    BOOST_TEST(read_at(*file, buffer, 3).value() == 8u);
    BOOST_TEST(as_text(std::span(buffer).first(8)) == "lo world");
    BOOST_TEST(read_at(*file, buffer, 11).value() == 0u);
}

BOOST_AUTO_TEST_CASE(reading_a_file_stops_at_the_limit) {
    write("file", std::string(100'000, 'x'));
    const auto file = open_regular(fd(), "file", O_RDONLY);
    BOOST_TEST(read_text(*file, 40'000).value().size() == 40'000u);
    BOOST_TEST(read_text(*file, 200'000).value().size() == 100'000u);
    BOOST_TEST(read_text(*file, 0).value() == "");
}

BOOST_AUTO_TEST_CASE(a_file_is_read_whole_if_its_expected_size_is_wrong) {
    write("file", std::string(5'000, 'x'));
    for (const std::size_t size : {0, 1, 4'999, 5'000, 5'001, 200'000})
        BOOST_TEST(read_sized_text(path("file"), size, 10'000).value().size() == 5'000u);
    for (const std::size_t size : {0, 4'000, 5'000, 200'000})
        BOOST_TEST(read_sized_text(path("file"), size, 4'000).value().size() == 4'000u);
    BOOST_TEST(read_sized_text(path("none"), 1, 10).error().value() == ENOENT);
    BOOST_TEST(read_sized_text(path(), 1, 10).error().value() == EISDIR);
}

BOOST_AUTO_TEST_CASE(temporary_names_are_hidden_and_differ) {
    BOOST_TEST(temporary_name("host").starts_with(".host."));
    BOOST_TEST(temporary_name("host") != temporary_name("host"));
}

BOOST_AUTO_TEST_CASE(open_directory_refuses_a_file) {
    BOOST_TEST(open_directory(path()).has_value());
    write("file", "");
    BOOST_TEST(open_directory(path("file")).error().value() == ENOTDIR);
    BOOST_TEST(open_directory(path("nothing")).error().value() == ENOENT);
}

BOOST_AUTO_TEST_CASE(open_errors_are_explained) {
    const auto words = [](int code) {
        return describe_open_error({code, boost::system::system_category()});
    };
    BOOST_TEST(words(ELOOP) == "it is a symbolic link");
    BOOST_TEST(words(EISDIR) == "it is a directory");
    BOOST_TEST(words(EMEDIUMTYPE) == "it is not a regular file");
    BOOST_TEST(words(EXDEV) == "something is mounted there");
    BOOST_TEST(words(EACCES) == "Permission denied");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
