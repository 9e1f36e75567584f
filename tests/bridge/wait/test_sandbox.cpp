#include "bridge/wait/sandbox.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

#include "base/system/datagram.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "base/system/lock.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/concat.hpp"
#include "bridge/wait/landlock.hpp"
#include "bridge/wait/seccomp.hpp"
#include "support/descriptors.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::wait::test_sandbox {

using namespace system;
namespace {

using boost::test_tools::assertion_result;

/// Returns errno if a call failed and returned -1, and 0 otherwise.
int errno_of(long result) {
    return result < 0 ? errno : 0;
}

template <typename T>
int errno_of(const Result<T>& result) {
    return result ? 0 : result.error().value();
}

constexpr int killed = 1000;

/// Returns the result of `action`, at most 255, from a new process, because rights that are given
/// up cannot be restored. Returns `killed` and the signal if a signal ended the process.
int in_child(const auto& action) {
    const pid_t child = ::fork();
    if (child == 0) {
        int outcome = 255;
        try {
            outcome = action();
        } catch (...) {
            // The child must not continue with the other tests.
        }
        ::_exit(outcome);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : killed + WTERMSIG(status);
}

/// Installs a filter that answers this call with `action` from now on.
void filter(long call, std::uint32_t action) {
    std::array<sock_filter, 4> program = {{
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<std::uint32_t>(call)},
        {BPF_RET | BPF_K, 0, 0, action},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    }};
    const sock_fprog whole{program.size(), program.data()};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole);
}

/// Makes this call fail with an error, as in an older kernel.
void answer(long call, int error) {
    filter(call, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
}

/// Makes this call end the process, like systemd's SystemCallFilter= if it does not allow the call.
void forbid(long call) {
    filter(call, SECCOMP_RET_KILL_PROCESS);
}

assertion_result can_be_narrowed(boost::unit_test::test_unit_id) {
#ifdef NOTIFYBRIDGE_INSTRUMENTED
    assertion_result result(false);
    result.message() << "this build has instruments that need more than a sandbox leaves";
    return result;
#else
    const int error = in_child([] {
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        return filter_system_calls({}).value();
    });
    assertion_result result(error != ENOTSUP && error != EINVAL);
    result.message() << "the kernel has no filters, or the machine is of an unknown kind";
    return result;
#endif
}

assertion_result has_landlock(boost::unit_test::test_unit_id test) {
    if (auto result = can_be_narrowed(test); !result)
        return result;
    const auto version = landlock_version();
    assertion_result result(version.has_value());
    result.message() << "the kernel has no Landlock";
    return result;
}

/// The directory whose files stay accessible, and another directory.
struct Place {
    test::TemporaryDirectory shared;
    test::TemporaryDirectory outside;

    SandboxReport give_up(bool reads_processes = false) const {
        SandboxOptions options;
        options.directories = {shared.fd()};
        options.reads_processes = reads_processes;
        return narrow(options);
    }

    /// Returns the result of `action` after all rights were given up.
    int narrowed(const auto& action, bool reads_processes = false) const {
        return in_child([&] {
            give_up(reads_processes);
            return action();
        });
    }

    /// Returns the report as one line, after `prepare` has run.
    std::string said(const auto& prepare, bool reads_processes = false) const {
        const auto file = create_file(outside.fd(), "summary");
        in_child([&] {
            prepare();
            return errno_of(write_at(*file, bytes_of(give_up(reads_processes).summary()), 0));
        });
        ::unlinkat(outside.fd().get(), "summary", 0);
        return read_text(*file, 1000).value();
    }

    int open_error(const std::string& path, int flags) const {
        return narrowed([&] { return errno_of(::open(path.c_str(), flags, 0600)); });
    }

    /// Returns the error of a system call whose arguments are numbers.
    int call_error(long call, long first = 0, long second = 0, long third = 0, long fourth = 0) {
        return narrowed(
            [=] { return errno_of(::syscall(call, first, second, third, fourth, 0, 0)); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sandbox, Place)

// --- Actions that are still allowed ---------------------------------------------------------

BOOST_AUTO_TEST_SUITE(allowed_actions, *boost::unit_test::precondition(can_be_narrowed))

BOOST_AUTO_TEST_CASE(the_sandbox_allows_replacing_files_in_the_directory) {
    shared.write("old", "");
    const int outcome = narrowed([&] {
        const auto file = replace_file(shared.fd(), "host", bytes_of("new"));
        return errno_of(file) ? errno_of(file) : errno_of(write_at(*file, bytes_of("newer"), 0));
    });
    BOOST_TEST(outcome == 0);
    BOOST_TEST(shared.read("host") == "newer");
    BOOST_TEST(narrowed([&] { return errno_of(::unlinkat(shared.fd().get(), "old", 0)); }) == 0);
    BOOST_TEST(shared.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_overwriting_and_truncating_our_own_file) {
    const int outcome = narrowed([&] {
        const auto file = replace_file(shared.fd(), "host", bytes_of("longer than the next"));
        static_cast<void>(write_at(*file, bytes_of("shorter"), 0));
        return errno_of(::ftruncate(file->get(), 7));
    });
    BOOST_TEST(outcome == 0);
    BOOST_TEST(shared.read("host") == "shorter");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_open_stays_writable_in_the_sandbox) {
    const auto file = create_file(outside.fd(), "log");
    BOOST_TEST(narrowed([&] { return errno_of(write_at(*file, bytes_of("line"), 0)); }) == 0);
    BOOST_TEST(outside.read("log") == "line");
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_replacing_a_link_by_a_file) {
    BOOST_TEST_REQUIRE(::symlinkat("/etc/passwd", shared.fd().get(), "host") == 0);
    BOOST_TEST(
        narrowed([&] { return errno_of(replace_file(shared.fd(), "host", bytes_of("new"))); })
        == 0);
    BOOST_TEST(shared.read("host") == "new");
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_creating_and_linking_an_unnamed_file) {
    const UniqueFd probe(::openat(shared.fd().get(), ".", O_TMPFILE | O_RDWR, 0600));
    if (!probe)
        return;  // The file system for temporary files does not support O_TMPFILE.
    const int outcome = narrowed([&] {
        const UniqueFd file(::openat(shared.fd().get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        if (!file)
            return errno;
        return errno_of(::linkat(AT_FDCWD, proc_path(file).c_str(), shared.fd().get(), "file",
                                 AT_SYMLINK_FOLLOW));
    });
    BOOST_TEST(outcome == 0);
    BOOST_TEST(shared.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_reading_a_regular_file_in_the_directory) {
    shared.write("journal", "content");
    const int outcome = narrowed([&] {
        const auto file = open_regular(shared.fd(), "journal", O_RDONLY);
        return errno_of(file) ? errno_of(file) : read_text(*file, 100).value() != "content";
    });
    BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(a_link_to_a_readable_file_is_not_followed) {
    BOOST_TEST_REQUIRE(::symlinkat("/proc/self/status", shared.fd().get(), "journal") == 0);
    BOOST_TEST(narrowed([&] { return errno_of(open_regular(shared.fd(), "journal", O_RDONLY)); })
               == ELOOP);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_watching_the_directory_for_changes) {
    shared.write("journal", "");
    const int outcome = narrowed([&] {
        const auto file = open_regular(shared.fd(), "journal", O_RDWR);
        const UniqueFd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
        if (::inotify_add_watch(changes.get(), proc_path(*file).c_str(), IN_MODIFY) < 0
            || ::inotify_add_watch(changes.get(), proc_path(shared.fd()).c_str(), IN_CREATE) < 0)
            return errno;
        static_cast<void>(write_at(*file, bytes_of("x"), 0));
        return test::is_ready(changes, POLLIN) ? 0 : ETIMEDOUT;
    });
    BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_taking_and_querying_locks) {
    const auto file = create_file(shared.fd(), "journal");
    BOOST_TEST_REQUIRE((take_life_lock(*file) == LockState::free));
    const int queried = narrowed([&] {
        const auto again = open_regular(shared.fd(), "journal", O_RDWR);
        return query_life_lock(*again) == LockState::held ? 0 : errno;
    });
    BOOST_TEST(queried == 0);
    const int taken = narrowed([&] {
        const auto own = create_file(shared.fd(), "host");
        return take_life_lock(*own) == LockState::free ? 0 : errno;
    });
    BOOST_TEST(taken == 0);
}

BOOST_AUTO_TEST_CASE(a_manager_outside_the_directory_gets_a_barrier) {
    for (const auto& address : {SocketAddress::unix_path(outside.path("notify")),
                                SocketAddress::unix_abstract(outside.path("notify"))}) {
        const auto manager = make_socket(AF_UNIX, SOCK_DGRAM);
        BOOST_TEST_REQUIRE(::bind(manager.get(), address.data(), address.size()) == 0);
        const int outcome = narrowed([&] {
            const auto socket = make_socket(AF_UNIX, SOCK_DGRAM);
            std::array<int, 2> ends;
            if (::connect(socket.get(), address.data(), address.size()) < 0
                || ::pipe2(ends.data(), O_CLOEXEC) < 0)
                return errno;
            const std::array<Fd, 1> fds = {Fd(ends[1])};
            return errno_of(send_datagram(socket, bytes_of("BARRIER=1"), fds));
        });
        BOOST_TEST(outcome == 0);
        std::array<std::byte, 100> buffer;
        const auto received = receive_datagram(manager, buffer);
        BOOST_TEST_REQUIRE(received.has_value());
        BOOST_TEST(received->size == 9u);
        BOOST_TEST(received->fds.size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(wait_can_connect_to_a_lane_in_the_directory) {
    const auto listener = listen_at(shared.fd(), "lane", 0600);
    BOOST_TEST_REQUIRE(listener.has_value());
    BOOST_TEST(narrowed([&] { return errno_of(connect_at(shared.fd(), "lane")); }) == 0);
    const auto connection = accept_connection(*listener);
    BOOST_TEST_REQUIRE(connection.has_value());
    const int outcome = narrowed([&] {
        std::array<std::byte, 100> buffer;
        return errno_of(receive_datagram(*connection, buffer));
    });
    BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_reading_files_in_proc) {
    BOOST_TEST(open_error("/proc/self/status", O_RDONLY) == 0);
    BOOST_TEST(open_error(util::concat("/proc/", ::getppid(), "/status"), O_RDONLY) == 0);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_signalling_and_reaping_a_child) {
    const int signal = in_child([&] {
        const pid_t child = ::fork();
        if (child == 0)
            for (::prctl(PR_SET_PDEATHSIG, SIGKILL);;)
                ::pause();
        const auto pidfd = open_pidfd(child);
        give_up();
        if (::syscall(SYS_pidfd_send_signal, pidfd->get(), SIGKILL, nullptr, 0) < 0)
            return errno;
        siginfo_t info{};
        if (::waitid(P_PIDFD, static_cast<id_t>(pidfd->get()), &info, WEXITED) < 0)
            return errno;
        return info.si_status;
    });
    BOOST_TEST(signal == SIGKILL);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_the_process_to_end_itself_by_a_signal) {
    const int ended = narrowed([] {
        const rlimit no_core{0, 0};
        if (::setrlimit(RLIMIT_CORE, &no_core) < 0)
            return errno;
        ::signal(SIGTERM, SIG_DFL);
        return errno_of(::kill(::getpid(), SIGTERM));
    });
    BOOST_TEST(ended == killed + SIGTERM);
    const int aborted = narrowed([]() -> int {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::signal(SIGABRT, SIG_DFL);
        std::abort();
    });
    BOOST_TEST(aborted == killed + SIGABRT);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_allocating_memory) {
    const int outcome = narrowed([] {
        std::string text;
        for (int step = 0; step < 24; ++step)
            text.resize(std::size_t{1} << step, 'x');
        return text.back() == 'x' ? 0 : 1;
    });
    BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_testing_standard_error_for_a_terminal) {
    const auto file = create_file(outside.fd(), "log");
    BOOST_TEST(narrowed([&] { return ::isatty(file->get()) ? 0 : errno; }) == ENOTTY);
    BOOST_TEST(narrowed([&] { return ::tcgetpgrp(file->get()) >= 0 ? 0 : errno; }) == ENOTTY);
    BOOST_TEST(narrowed([&] { return errno_of(::tcsetpgrp(file->get(), 1)); }) == ENOTTY);
}

BOOST_AUTO_TEST_SUITE_END()

// --- Actions that are forbidden -------------------------------------------------------------

BOOST_AUTO_TEST_SUITE(restricted_files, *boost::unit_test::precondition(has_landlock))

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_opening_files_outside_the_directory) {
    outside.write("file", "");
    for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC}) {
        BOOST_TEST(open_error(outside.path("file"), flags) == EACCES);
        BOOST_TEST(open_error("/dev/null", flags) == EACCES);
    }
    BOOST_TEST(open_error("/etc/passwd", O_RDONLY) == EACCES);
    BOOST_TEST(open_error("/", O_RDONLY | O_DIRECTORY) == EACCES);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_creating_files_outside_the_directory) {
    outside.write("file", "");
    BOOST_TEST(open_error(outside.path("new"), O_WRONLY | O_CREAT | O_EXCL) == EACCES);
    BOOST_TEST(narrowed([&] { return errno_of(::unlink(outside.path("file").c_str())); }) != 0);
    BOOST_TEST(narrowed([&] { return errno_of(::unlinkat(outside.fd().get(), "file", 0)); })
               == EACCES);
    BOOST_TEST(outside.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_moving_files_into_or_out_of_a_directory) {
    outside.write("file", "");
    shared.write("journal", "");
    const int in = shared.fd().get();
    const int out = outside.fd().get();
    BOOST_TEST(narrowed([&] { return errno_of(::linkat(out, "file", in, "file", 0)); }) != 0);
    BOOST_TEST(narrowed([&] { return errno_of(::renameat(out, "file", in, "file")); }) != 0);
    BOOST_TEST(narrowed([&] { return errno_of(::renameat(in, "journal", out, "x")); }) != 0);
    BOOST_TEST(outside.names().size() == 1u);
    BOOST_TEST(shared.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_following_a_link_out_of_the_directory) {
    outside.write("file", "");
    BOOST_TEST_REQUIRE(::symlinkat(outside.path("file").c_str(), shared.fd().get(), "link") == 0);
    BOOST_TEST(narrowed([&] { return errno_of(::openat(shared.fd().get(), "link", O_RDONLY)); })
               == EACCES);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_writing_files_in_proc) {
    BOOST_TEST(open_error("/proc/self/oom_score_adj", O_WRONLY) == EACCES);
    BOOST_TEST(open_error("/proc/self/mem", O_RDWR) == EACCES);
}

BOOST_AUTO_TEST_CASE(an_older_landlock_denies_the_rights_that_it_supports) {
    outside.write("file", "");
    const std::string file = outside.path("file");
    for (int version = 1; version <= landlock_version().value(); ++version) {
        BOOST_TEST_CONTEXT("version " << version) {
            const auto restricted = [&](const auto& action) {
                return in_child([&] {
                    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
                    const auto error = restrict_files({shared.fd()}, version);
                    return error ? error.value() : action();
                });
            };
            const int replaced = restricted(
                [&] { return errno_of(replace_file(shared.fd(), "host", bytes_of("new"))); });
            BOOST_TEST(replaced == 0);
            const int opened = restricted([&] { return errno_of(::open(file.c_str(), O_RDONLY)); });
            BOOST_TEST(opened == EACCES);
            const int moved = restricted([&] {
                return errno_of(::renameat(outside.fd().get(), "file", shared.fd().get(), "x"));
            });
            BOOST_TEST(moved != 0);
            const int cut = restricted([&] { return errno_of(::truncate(file.c_str(), 0)); });
            BOOST_TEST(cut == (version >= 3 ? EACCES : 0));
            const int tcp = restricted([&] {
                const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
                const sockaddr address{AF_INET, {}};  // Port 0 has no listener.
                return errno_of(::connect(socket.get(), &address, sizeof address));
            });
            BOOST_TEST((tcp == EACCES) == (version >= 4));
        }
    }
}

BOOST_AUTO_TEST_CASE(other_processes_are_visible_only_without_landlock) {
    const std::string theirs = util::concat("/proc/", ::getpid(), "/ns/pid");
    const auto look = [&] {
        std::array<char, 64> text;
        return errno_of(::readlink(theirs.c_str(), text.data(), text.size()));
    };
    const auto list = [] {
        const UniqueFd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        std::array<char, 4096> entries;
        return errno_of(::syscall(SYS_getdents64, proc.get(), entries.data(), entries.size()));
    };
    const int looked_up = in_child([&] {
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        const auto error = restrict_files({shared.fd()}, landlock_version().value());
        return error ? error.value() : look();
    });
    BOOST_TEST(looked_up == EACCES);
    BOOST_TEST(narrowed(look) != 0);
    BOOST_TEST(narrowed(look, /*reads_processes=*/true) == 0);
    BOOST_TEST(narrowed(list) == EPERM);
    BOOST_TEST(narrowed(list, /*reads_processes=*/true) == 0);
    const auto hold = [parent = ::getpid()] {
        return errno_of(::syscall(SYS_pidfd_open, parent, 0));
    };
    BOOST_TEST(narrowed(hold) == EPERM);
    BOOST_TEST(narrowed(hold, /*reads_processes=*/true) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(restricted_system_calls, *boost::unit_test::precondition(can_be_narrowed))

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_starting_programs_and_processes) {
    const int run = narrowed([] {
        std::array<char*, 1> none = {nullptr};
        return errno_of(::execve("/proc/self/exe", none.data(), none.data()));
    });
    BOOST_TEST(run == EPERM);
    BOOST_TEST(narrowed([] { return errno_of(::fork()); }) == EPERM);
    BOOST_TEST(call_error(SYS_clone, SIGCHLD) == EPERM);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_signalling_a_process_by_its_pid) {
    for (const long pid : {static_cast<long>(::getpid()), -1L, 0L, 1L}) {
        BOOST_TEST(call_error(SYS_kill, pid, 0) == EPERM);
        BOOST_TEST(call_error(SYS_tgkill, pid, pid, 0) == EPERM);
    }
    BOOST_TEST(call_error(SYS_rt_sigqueueinfo, ::getpid(), 0) == EPERM);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_reaching_a_network_or_a_bus) {
    for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG})
        for (const int type : {SOCK_DGRAM, SOCK_STREAM, SOCK_RAW, SOCK_SEQPACKET})
            BOOST_TEST(call_error(SYS_socket, family, type) == EPERM);
    BOOST_TEST(call_error(SYS_socket, AF_UNIX, SOCK_STREAM) == EPERM);
    BOOST_TEST(call_error(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC) == EPERM);
    BOOST_TEST(call_error(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC) == 0);
    BOOST_TEST(call_error(SYS_socket, AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC) != EPERM);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_making_memory_executable) {
    const auto map = [this](long protection) {
        return call_error(SYS_mmap, 0, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS);
    };
    BOOST_TEST(map(PROT_READ | PROT_EXEC) == EPERM);
    BOOST_TEST(map(PROT_READ | PROT_WRITE | PROT_EXEC) == EPERM);
    BOOST_TEST(call_error(SYS_mprotect, 0, 4096, PROT_EXEC) == EPERM);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_typing_input_into_a_terminal) {
    BOOST_TEST(call_error(SYS_ioctl, 0, TIOCSTI) == EPERM);
}

BOOST_AUTO_TEST_CASE(the_sandbox_forbids_changing_limits_of_other_processes) {
    BOOST_TEST(call_error(SYS_prlimit64, ::getpid(), RLIMIT_CORE) == EPERM);
}

BOOST_AUTO_TEST_CASE(the_sandbox_allows_creating_only_regular_files) {
    BOOST_TEST(narrowed([&] { return errno_of(::mkfifoat(shared.fd().get(), "fifo", 0600)); })
               == EPERM);
    BOOST_TEST(narrowed([&] { return errno_of(::symlinkat("/", shared.fd().get(), "link")); })
               == EPERM);
    BOOST_TEST(narrowed([&] { return errno_of(::mkdirat(shared.fd().get(), "directory", 0700)); })
               == EPERM);
}

BOOST_AUTO_TEST_CASE(the_sandbox_refuses_system_calls_that_an_attacker_needs) {
    constexpr auto calls = std::to_array<long>({SYS_ptrace,
                                                SYS_mount,
                                                SYS_unshare,
                                                SYS_setns,
                                                SYS_setuid,
                                                SYS_setgid,
                                                SYS_capset,
                                                SYS_prctl,
                                                SYS_bpf,
                                                SYS_keyctl,
                                                SYS_chroot,
                                                SYS_seccomp,
                                                SYS_userfaultfd,
                                                SYS_process_vm_readv,
                                                SYS_pidfd_getfd,
                                                SYS_umask,
                                                SYS_io_uring_setup,
                                                SYS_perf_event_open,
                                                SYS_listen,
                                                SYS_accept4});
    for (const long call : calls)
        BOOST_TEST(call_error(call) == EPERM, "call " << call);
}

#ifdef __x86_64__
BOOST_AUTO_TEST_CASE(the_sandbox_refuses_system_calls_of_other_architectures) {
    constexpr long x32 = 0x40000000;
    BOOST_TEST(call_error(x32 | SYS_getpid) == EPERM);
    const int legacy = narrowed([] {
        // Calls getpid through the 32-bit interface, where it has another number.
        long result;
        asm volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
        return result < 0 ? static_cast<int>(-result) : 0;
    });
    BOOST_TEST(legacy != 0);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

// --- The report -----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_report_of_the_sandbox_lists_the_active_layers,
                     *boost::unit_test::precondition(has_landlock)) {
    BOOST_TEST(said([] {}) == "no_new_privs, Landlock, seccomp");
    const int checked = in_child([&] {
        const SandboxReport report = give_up();
        return report.no_new_privs && report.landlock && report.seccomp && report.why_not.empty();
    });
    BOOST_TEST(checked == 1);
}

BOOST_AUTO_TEST_CASE(the_kernel_confirms_the_report_of_the_sandbox,
                     *boost::unit_test::precondition(can_be_narrowed)) {
    const int checked = narrowed([] {
        const UniqueFd file(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
        const std::string status = read_text(file, 10'000).value();
        return status.find("\nNoNewPrivs:\t1\n") != status.npos
               && status.find("\nSeccomp:\t2\n") != status.npos;
    });
    BOOST_TEST(checked == 1);
}

BOOST_AUTO_TEST_CASE(the_report_explains_a_deliberate_lack_of_landlock,
                     *boost::unit_test::precondition(can_be_narrowed)) {
    BOOST_TEST(said([] {}, /*reads_processes=*/true)
               == "no_new_privs, seccomp (without Landlock: --main-pid=translate reads other processes in "
                  "/proc)");
}

BOOST_AUTO_TEST_CASE(the_other_layers_of_the_sandbox_work_without_landlock,
                     *boost::unit_test::precondition(can_be_narrowed)) {
    BOOST_TEST(said([] { answer(SYS_landlock_create_ruleset, ENOSYS); })
               == "no_new_privs, seccomp (without Landlock: this kernel does not support it)");
    const int forked = in_child([&] {
        answer(SYS_landlock_create_ruleset, ENOSYS);
        give_up();
        return errno_of(::fork());
    });
    BOOST_TEST(forked == EPERM);
}

BOOST_AUTO_TEST_CASE(the_other_layers_of_the_sandbox_work_if_landlock_fails,
                     *boost::unit_test::precondition(has_landlock)) {
    BOOST_TEST(said([] { answer(SYS_landlock_restrict_self, E2BIG); })
               == "no_new_privs, seccomp (without Landlock: Argument list too long)");
}

BOOST_AUTO_TEST_CASE(the_other_layers_of_the_sandbox_work_without_seccomp,
                     *boost::unit_test::precondition(has_landlock)) {
    BOOST_TEST(said([] { answer(SYS_seccomp, EINVAL); })
               == "no_new_privs, Landlock (without seccomp: this kernel does not support it)");
    const int opened = in_child([&] {
        answer(SYS_seccomp, EINVAL);
        give_up();
        return errno_of(::open("/etc/passwd", O_RDONLY));
    });
    BOOST_TEST(opened == EACCES);
}

BOOST_AUTO_TEST_CASE(a_layer_whose_system_call_would_kill_us_is_left_out,
                     *boost::unit_test::precondition(has_landlock)) {
    const std::string why = "a system call filter (SystemCallFilter=) would kill this process";
    for (const long call : {SYS_landlock_create_ruleset, SYS_landlock_restrict_self})
        BOOST_TEST(said([&] { forbid(call); })
                   == util::concat("no_new_privs, seccomp (without Landlock: ", why, ')'));
    BOOST_TEST(said([] { forbid(SYS_seccomp); })
               == util::concat("no_new_privs, Landlock (without seccomp: ", why, ')'));
}

BOOST_AUTO_TEST_CASE(the_report_names_all_layers_if_none_of_them_works,
                     *boost::unit_test::precondition(can_be_narrowed)) {
    const auto refuse_all = [] {
        answer(SYS_landlock_create_ruleset, EOPNOTSUPP);
        answer(SYS_prctl, EPERM);
        answer(SYS_seccomp, EACCES);
    };
    BOOST_TEST(said(refuse_all)
               == "nothing (without no_new_privs: Operation not permitted; without Landlock: this machine does not support it, or it is switched off; without seccomp: Permission denied)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait::test_sandbox
