#include "init/hands/perform/reaper.hpp"

#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/system/file.hpp"
#include "host_world.hpp"
#include "support/privileges.hpp"

namespace notifybridge::perform {
namespace {

/// Starts a child with this pid, which must be free. The child waits until it is killed. Returns -1
/// and sets errno on failure.
pid_t start_as(pid_t pid) {
    clone_args wanted{};
    wanted.exit_signal = SIGCHLD;
    wanted.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
    wanted.set_tid_size = 1;
    const auto started = static_cast<pid_t>(::syscall(SYS_clone3, &wanted, sizeof wanted));
    if (started == 0) {
        ::signal(SIGUSR1, SIG_DFL);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        for (;;)
            ::pause();
    }
    return started;
}

/// Returns how many reads this process has made (proc(5), /proc/PID/io).
std::uint64_t reads_so_far() {
    const std::string text = system::text_of("/proc/self/io");
    const std::size_t at = text.find("syscr: ");
    return at == text.npos ? 0 : std::stoull(text.substr(at + 7));
}

boost::test_tools::assertion_result counts_reads(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(reads_so_far() > 0);
    result.message() << "this kernel does not count reads";
    return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reaper)

BOOST_AUTO_TEST_CASE(a_unit_is_notified_of_the_end_of_its_last_process) {
    test::World world;
    test::Listed& unit =
        world.add_service("setsid sh -c 'sleep 1000 & echo there; wait' &\nread x");
    const pid_t main = world.start(unit).pid;
    world.until([&] { return world.has_logged("there") && !unit.told.empty(); });
    BOOST_TEST(!unit.was_told("gone"));
    BOOST_TEST(world.host.surroundings.has_processes(unit));
    BOOST_TEST(world.host.processes.kill(unit, test::kill_all(SIGTERM)));
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(!world.host.surroundings.has_processes(unit));
    BOOST_TEST(!world.host.processes.owns(unit, main));
}

BOOST_AUTO_TEST_CASE(the_cost_of_reaping_does_not_depend_on_the_process_count,
                     *boost::unit_test::precondition(counts_reads)) {
    for (const int count : {100, 400}) {
        test::World world;
        test::Listed& unit = world.add_service(util::concat(
            "(for n in $(seq ", count, "); do sleep 1000 & done; echo there)\nread x"));
        world.start(unit);
        world.until([&] { return world.has_logged("there"); });
        world.host.processes.kill(unit, test::kill_all(SIGKILL));
        std::size_t most_at_once = 0;
        const std::uint64_t before = reads_so_far();
        while (!unit.was_told("gone")) {
            siginfo_t info{};
            BOOST_REQUIRE(::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0);
            const std::size_t told = unit.told.size();
            world.host.reaper.reap_children();
            most_at_once = std::max(most_at_once, unit.told.size() - told);
        }
        const std::uint64_t reads = reads_so_far() - before;
        BOOST_TEST_INFO(reads << " reads for " << count << " processes");
        BOOST_TEST(reads <= 25u * static_cast<unsigned>(count));
        BOOST_TEST(unit.told.size() > static_cast<unsigned>(count));
        BOOST_TEST(most_at_once <= 100u);
    }
}

BOOST_AUTO_TEST_CASE(the_end_of_a_process_that_is_not_a_child_is_reported) {
    test::World world;
    test::Listed& unit = world.add_service("sleep 1000 & echo $!; wait; sleep 1000");
    world.start(unit);
    world.until([&] { return world.has_logged("]: ") && world.log.ends_with('\n'); });
    const pid_t pid = std::stoi(world.log.substr(world.log.find("]: ") + 3));
    BOOST_TEST(world.host.processes.owns(unit, pid));
    BOOST_TEST(world.host.processes.watch_process(unit, pid));
    BOOST_TEST(!world.host.processes.watch_process(unit, ::getpid()));
    ::kill(pid, SIGKILL);
    world.until([&] { return !unit.told.empty(); });
    BOOST_TEST(unit.told.front() == util::concat(pid, " exited with status 0"));
}

BOOST_AUTO_TEST_CASE(a_reused_main_pid_is_not_signalled,
                     *boost::unit_test::precondition(notifybridge::test::is_root)) {
    test::World world;
    test::Listed& unit = world.add_service("sleep 1000 & echo $!; wait; sleep 1000");
    world.start(unit);
    world.until([&] { return world.has_logged("]: ") && world.log.ends_with('\n'); });
    const pid_t pid = std::stoi(world.log.substr(world.log.find("]: ") + 3));
    BOOST_TEST(world.host.processes.watch_process(unit, pid));
    unit_types::KillRequest kill;
    kill.signal = SIGCONT;
    kill.main = pid;
    // The unit must not wait for this process, because it is not our child.
    BOOST_TEST(!world.host.processes.kill(unit, kill));
    ::kill(pid, SIGKILL);
    // Wait until its parent has reaped the process. The test is about a pid that is reused before
    // we learn of the end.
    while (::kill(pid, 0) == 0)
        ::usleep(1000);
    const pid_t other = start_as(pid);
    if (other < 0 && errno == EPERM) {
        BOOST_TEST_MESSAGE("no pid can be chosen here (CAP_CHECKPOINT_RESTORE)");
        return;
    }
    BOOST_REQUIRE(other == pid);
    kill.signal = SIGKILL;
    BOOST_TEST(!world.host.processes.kill(unit, kill));
    ::kill(other, SIGUSR1);
    int status = 0;
    ::waitpid(other, &status, 0);
    BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1), "it got our signal");
}

BOOST_AUTO_TEST_CASE(each_unit_of_a_shared_main_process_is_notified_of_its_end) {
    test::World world;
    test::Listed& unit = world.add_service("sleep 1000");
    test::Listed& other = world.add("b.service", "[Service]\nExecStart=/bin/true\n");
    const pid_t pid = world.start(unit).pid;
    BOOST_TEST(world.host.processes.watch_process(other, pid));
    BOOST_TEST(world.host.processes.owns(unit, pid));
    ::kill(pid, SIGKILL);
    world.until([&] { return !unit.told.empty() && !other.told.empty(); });
    BOOST_TEST(unit.told.front() == other.told.front());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
