#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include <boost/test/unit_test.hpp>

#include "base/process/children.hpp"
#include "base/process/proc.hpp"
#include "base/system/clock.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::process {
namespace {

/// Makes close_range(2) fail as on Linux before 5.9.
bool forget_close_range() {
    auto filter = std::to_array<sock_filter>({
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    });
    const sock_fprog program{filter.size(), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// Returns 0 if a child closed exactly the right descriptors, and another status otherwise.
int status_of_who_closes(bool knows_close_range) {
    const pid_t child = ::fork();
    if (child == 0) {
        const int kept = ::open("/dev/null", O_RDONLY);
        const int closed = ::dup(kept);
        if (!knows_close_range && !forget_close_range())
            ::_exit(2);
        close_all_from(closed);
        ::_exit(::fcntl(kept, F_GETFD) < 0 || ::fcntl(closed, F_GETFD) >= 0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(proc_of_children)

BOOST_AUTO_TEST_CASE(all_descriptors_from_a_given_number_on_are_closed) {
    BOOST_TEST(status_of_who_closes(true) == 0);
    BOOST_TEST(status_of_who_closes(false) == 0);
}

BOOST_AUTO_TEST_CASE(variables_of_a_process_are_found_during_execve) {
    const test::TemporaryDirectory directory;
    directory.write("again", "#!/bin/sh\nexec \"$0\"\n");
    Command command = shell(
        util::concat("chmod +x ", directory.path("again"), "; exec ", directory.path("again")));
    command.environment.set("MARK", "here");
    const Child child = spawn(command);
    int missing = 0;
    for (int look = 0; look < 2000; ++look)
        missing += variable_of(child.pid, "MARK") != "here";
    ::kill(child.pid, SIGKILL);
    end_of(child);
    BOOST_TEST(missing == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_environment_is_read_without_a_delay) {
    const Child child = spawn(shell("exec env -i sleep 1000"));
    while (system::text_of(util::concat("/proc/", child.pid, "/comm")) != "sleep\n") {
    }
    const auto before = system::monotonic_now();
    for (int look = 0; look < 100; ++look)
        BOOST_TEST(environ_of(child.pid) == "");
    BOOST_TEST(system::monotonic_now() - before < 900'000u);
    ::kill(child.pid, SIGKILL);
    end_of(child);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
