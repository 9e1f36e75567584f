#include "init/hands/perform/unit_processes.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <future>
#include <set>
#include <thread>

#include "base/system/file.hpp"
#include "base/system/pipe.hpp"
#include "init/hands/perform/pid_file.hpp"
#include "running.hpp"
#include "support/privileges.hpp"

namespace notifybridge::perform::test_unit_processes {
namespace {

using process::ExitStatus;
using test::Running;
using test::to_others;
using test::waits;
using test::without_groups;
namespace tt = boost::unit_test;

using Pids = std::set<pid_t>;

Pids pids_of(UnitProcesses& processes, const std::string& unit) {
    const auto found = processes.processes(unit);
    return {found.begin(), found.end()};
}

boost::test_tools::assertion_result has_groups(tt::test_unit_id) {
    boost::test_tools::assertion_result result(execute::Cgroups::below_our_own().has_value());
    result.message() << "no control groups (cgroup2) can be made here";
    return result;
}

boost::test_tools::assertion_result has_marks(tt::test_unit_id) {
    boost::test_tools::assertion_result result(execute::Marks::below_our_own().has_value());
    result.message() << "processes cannot be marked here";
    return result;
}

/// A line of a unit whose processes get no mark, because this limit is too low for the RLIMIT_LOCKS
/// of a mark.
constexpr const char* no_mark = "LimitLOCKS=1000";

/// A script that starts a daemon with another session, another user and an empty environment, and
/// then ends.
constexpr const char* drops_all =
    "setsid env -i /bin/sh -c 'exec setpriv --reuid=65534 --clear-groups "
    "sh -c \"sleep 1000 & echo \\$\\$; wait\"' &\nexit 0";

/// Starts a process of the unit that forks and ends. Each descendant does the same, until the
/// reading end of `is_over` is closed. Returns when the process has its mark, like
/// `execute::start`.
void start_relay(UnitProcesses& processes, const std::string& unit, const system::Pipe& is_over) {
    const auto mark = processes.mark_of(unit);
    auto is_marked = system::make_pipe();
    const pid_t first = ::fork();
    BOOST_TEST_REQUIRE(first >= 0);
    if (first > 0) {
        processes.add(unit, first, "");
        is_marked.writing.reset();
        pollfd is_closed{is_marked.reading.get(), 0, 0};
        BOOST_TEST(::poll(&is_closed, 1, 10000) == 1);
        return;
    }
    const rlimit locks{mark->locks, mark->locks};
    const rlimit resident_set{mark->resident_set, mark->resident_set};
    ::setrlimit(RLIMIT_LOCKS, &locks);
    ::setrlimit(RLIMIT_RSS, &resident_set);
    ::close(is_over.reading.get());
    ::close(is_marked.writing.get());
    pollfd is_closed{is_over.writing.get(), 0, 0};
    while (::poll(&is_closed, 1, 0) == 0)
        if (::fork() != 0)
            ::_exit(0);
    ::_exit(0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(processes_of_units)

BOOST_AUTO_TEST_CASE(a_daemon_without_its_rights_is_identified_by_its_mark,
                     *tt::precondition(notifybridge::test::is_root) * tt::precondition(has_marks)) {
    auto processes = without_groups();
    Running a(processes, "a.service", drops_all);
    Running b(processes, "b.service", drops_all);
    const pid_t daemon = a.pid_line(), other = b.pid_line();
    // We did not search for the daemons while their parents existed.
    a.reap_one();
    b.reap_one();
    BOOST_TEST(processes.unit_of(daemon) == "a.service");
    BOOST_TEST(processes.unit_of(other) == "b.service");
    BOOST_TEST(pids_of(processes, "a.service").size() == 2u);
    BOOST_TEST(guess_main_pid(processes, "a.service") == daemon);
    BOOST_TEST(processes.stray_since(a.pid()) == 0);
    ::kill(daemon, SIGKILL);
    BOOST_TEST(a.reap_one().pid == daemon);
}

BOOST_AUTO_TEST_CASE(the_unit_of_a_zombie_is_found_by_its_mark, *tt::precondition(has_marks)) {
    auto processes = without_groups();
    Running a(processes, "a.service",
              "setsid env -i sh -c 'sleep 1000 & echo $!' &\nwait $!\nexit 0");
    const pid_t orphan = a.pid_line();
    BOOST_TEST(a.reap_one().pid == a.pid());
    ::kill(orphan, SIGKILL);
    siginfo_t info{};
    BOOST_TEST(::waitid(P_PID, static_cast<id_t>(orphan), &info, WEXITED | WNOWAIT) == 0);
    BOOST_TEST(processes.unit_of(orphan) == "a.service");
}

BOOST_AUTO_TEST_CASE(a_unit_that_forks_and_ends_is_never_without_processes,
                     *tt::precondition(has_marks)) {
    auto processes = without_groups();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    auto is_over = system::make_pipe();
    start_relay(processes, "a.service", is_over);
    is_over.writing.reset();
    int missed = 0;
    for (int ended_count = 0; missed == 0 && ended_count < 300;) {
        missed += processes.any_runs("a.service", [](pid_t) { return true; }) ? 0 : 1;
        for (; const auto ended = next_ended(); ++ended_count) {
            processes.remove(ended->pid);
            reap(ended->pid);
        }
    }
    BOOST_TEST(missed == 0);
    is_over.reading.reset();
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
    BOOST_TEST(!processes.is_any_left("a.service"));
}

BOOST_AUTO_TEST_CASE(descendants_of_a_process_belong_to_its_unit) {
    auto processes = without_groups();
    Running a(processes, "a.service", std::string(waits) + "wait");
    Running b(processes, "b.service", std::string(waits) + "wait");
    const pid_t below_a = a.pid_line(), below_b = b.pid_line();
    BOOST_TEST(pids_of(processes, "a.service").count(a.pid()));
    BOOST_TEST(pids_of(processes, "a.service").count(below_a));
    BOOST_TEST(!pids_of(processes, "a.service").count(below_b));
    BOOST_TEST(processes.unit_of(below_b) == "b.service");
    BOOST_TEST(processes.unit_of(::getpid()) == "");
    BOOST_TEST(processes.unit_of(1) == "");
    BOOST_TEST(processes.processes("c.service").empty());
}

BOOST_AUTO_TEST_CASE(a_new_daemon_is_identified_by_its_former_parent) {
    auto processes = without_groups();
    Running a(processes, "a.service",
              "setsid env -i /bin/sh -c 'sleep 1000 & echo $$; wait' & wait $!");
    const pid_t daemon = a.pid_line();
    BOOST_TEST(processes.unit_of(daemon) == "a.service");
    ::kill(a.pid(), SIGKILL);
    BOOST_TEST(a.reap_one().pid == a.pid());
    BOOST_TEST(processes.unit_of(daemon) == "a.service");
    // Newer processes of this unit are identified by their parent, or by their session.
    BOOST_TEST(pids_of(processes, "a.service").size() >= 2u);
}

BOOST_AUTO_TEST_CASE(an_unseen_daemon_is_identified_by_its_environment) {
    auto processes = without_groups();
    Running a(processes, "a.service",
              "setsid sh -c 'sh -c \"sleep 1000 & echo \\$\\$; wait\" &'\nexit 0", no_mark);
    BOOST_TEST(a.reap_one().pid == a.pid());
    const pid_t daemon = a.pid_line();
    BOOST_TEST(processes.unit_of(daemon) == "a.service");
    BOOST_TEST(pids_of(processes, "a.service").size() == 2u);
    BOOST_TEST(guess_main_pid(processes, "a.service") == daemon);
}

BOOST_AUTO_TEST_CASE(the_environment_does_not_identify_another_users_process,
                     *tt::precondition(notifybridge::test::is_root)) {
    auto processes = without_groups();
    Running a(processes, "a.service", "exec sleep 1000");
    Running b(processes, "b.service",
              "INVOCATION_ID=" + a.invocation()
                  + " setpriv --reuid=65534 setsid sh -c 'sh -c \"sleep 1000 & echo \\$\\$; "
                    "wait\" &'\nexit 0",
              no_mark);
    BOOST_TEST(b.reap_one().pid == b.pid());
    const pid_t guest = b.pid_line();
    BOOST_TEST(processes.unit_of(guest) == "");
    // End these processes by hand, because they belong to no unit.
    const pid_t group = ::getpgid(guest);
    ::kill(-group, SIGKILL);
    while (::kill(-group, 0) == 0)
        b.reap_one();
}

BOOST_AUTO_TEST_CASE(a_daemon_is_identified_by_its_session) {
    auto processes = without_groups();
    Running a(processes, "a.service", "env -i /bin/sh -c 'sleep 1000 & echo $$; wait' &\nexit 0",
              no_mark);
    BOOST_TEST(a.reap_one().pid == a.pid());
    BOOST_TEST(processes.unit_of(a.pid_line()) == "a.service");
}

BOOST_AUTO_TEST_CASE(an_unknown_process_belongs_to_the_unit_that_adopts_it) {
    auto processes = without_groups();
    Running a(processes, "a.service",
              "setsid env -i /bin/sh -c 'sleep 1000 & echo $$; wait' &\nexit 0", no_mark);
    BOOST_TEST(a.reap_one().pid == a.pid());
    const pid_t daemon = a.pid_line();
    BOOST_TEST(processes.unit_of(daemon) == "");
    BOOST_TEST(processes.stray_since(a.pid()) == daemon);
    BOOST_TEST(processes.processes("a.service").empty());
    processes.adopt("a.service", daemon);
    BOOST_TEST(processes.unit_of(daemon) == "a.service");
    BOOST_TEST(processes.stray_since(a.pid()) == 0);
    BOOST_TEST(pids_of(processes, "a.service").size() == 2u);
    processes.adopt("b.service", daemon);
    BOOST_TEST(processes.unit_of(daemon) == "a.service");
}

BOOST_AUTO_TEST_CASE(a_zombie_child_stays_in_its_unit_until_it_is_reaped) {
    auto processes = without_groups();
    Running a(processes, "a.service", "exit 0");
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(a.pid()), &info, WEXITED | WNOWAIT);
    BOOST_TEST(processes.processes("a.service").empty());
    BOOST_TEST(processes.is_any_left("a.service"));
    a.reap_one();
    BOOST_TEST(!processes.is_any_left("a.service"));
}

BOOST_AUTO_TEST_CASE(a_process_that_its_parent_has_reaped_is_gone) {
    auto processes = without_groups();
    Running a(processes, "a.service", "sleep 1000 & echo $!\nwait\necho reaped; sleep 1000");
    const pid_t below = a.pid_line();
    BOOST_TEST(pids_of(processes, "a.service").count(below));
    ::kill(below, SIGKILL);
    BOOST_TEST(a.line() == "reaped");
    BOOST_TEST(processes.is_any_left("a.service"));
    BOOST_TEST(!pids_of(processes, "a.service").count(below));
    signal_unit(processes, "a.service", to_others(SIGKILL, a.pid()));
    while (a.reap_one().pid > 0) {
    }
    BOOST_TEST(!processes.is_any_left("a.service"));
}

BOOST_AUTO_TEST_CASE(a_unit_that_is_forgotten_has_no_processes) {
    auto processes = without_groups();
    Running a(processes, "a.service", "exec sleep 1000");
    BOOST_TEST(pids_of(processes, "a.service").count(a.pid()));
    processes.forget("a.service");
    BOOST_TEST(processes.processes("a.service").empty());
    ::kill(a.pid(), SIGKILL);
    BOOST_TEST(a.reap_one().pid == a.pid());
}

BOOST_AUTO_TEST_CASE(an_ended_process_is_reported_until_it_is_reaped) {
    auto processes = without_groups();
    Running a(processes, "a.service", "exit 7");
    siginfo_t info{};
    ::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    for (int again = 0; again < 2; ++again) {
        const auto ended = next_ended();
        BOOST_REQUIRE(ended);
        BOOST_TEST(ended->pid == a.pid());
        BOOST_TEST((ended->status == ExitStatus::exited(7)));
        BOOST_TEST(processes.unit_of(a.pid()) == "a.service");
        BOOST_TEST(processes.processes("a.service").empty());  // A zombie does not run.
    }
    reap(a.pid());
    BOOST_TEST(!next_ended());
}

BOOST_AUTO_TEST_CASE(the_directory_of_a_control_group_depends_on_the_mount) {
    BOOST_TEST(execute::parse_cgroup_path("2:cpu:/x\n0::/a/b\n") == "/a/b");
    BOOST_TEST(execute::parse_cgroup_path("2:cpu:/x\n") == "");
    const auto mount = [](const std::string& root) {
        return "30 24 0:26 / /proc rw - proc proc rw\n31 24 0:27 " + root
               + " /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
    };
    BOOST_TEST(execute::find_cgroup_directory(mount("/"), "/a/b") == "/sys/fs/cgroup/a/b");
    BOOST_TEST(execute::find_cgroup_directory(mount("/"), "/") == "/sys/fs/cgroup");
    BOOST_TEST(execute::find_cgroup_directory(mount("/a"), "/a/b") == "/sys/fs/cgroup/b");
    BOOST_TEST(execute::find_cgroup_directory(mount("/a"), "/a") == "/sys/fs/cgroup");
    BOOST_TEST(execute::find_cgroup_directory(mount("/a"), "/ab") == "");
    BOOST_TEST(execute::find_cgroup_directory("", "/a") == "");
}

BOOST_AUTO_TEST_CASE(the_control_group_of_a_unit_has_all_its_processes,
                     *tt::precondition(has_groups)) {
    UnitProcesses processes(execute::Cgroups::below_our_own());
    Running a(processes, "_nbtest-a.service",
              "setsid env -i /bin/sh -c \"sh -c 'sleep 1000 & echo \\$\\$; wait' &\"\nexit 0");
    BOOST_TEST(a.reap_one().pid == a.pid());
    const pid_t daemon = a.pid_line();
    BOOST_TEST(processes.unit_of(daemon) == "_nbtest-a.service");
    BOOST_TEST(processes.unit_of(::getpid()) == "");
    BOOST_TEST(pids_of(processes, "_nbtest-a.service").count(daemon));
    BOOST_TEST(signal_unit(processes, "_nbtest-a.service", to_others(SIGKILL, 0)));
    while (a.reap_one().pid > 0) {
    }
    BOOST_TEST(processes.processes("_nbtest-a.service").empty());
    processes.forget("_nbtest-a.service");
    BOOST_TEST(!signal_unit(processes, "_nbtest-a.service", to_others(SIGKILL, 0)));
}

BOOST_AUTO_TEST_CASE(a_unit_does_not_own_processes_of_another_manager,
                     *tt::precondition(has_groups)) {
    UnitProcesses processes(execute::Cgroups::below_our_own());
    UnitProcesses others(execute::Cgroups::below_our_own());
    Running a(processes, "a.service", "exec sleep 1000");
    Running b(others, "a.service", "exec sleep 1000");
    BOOST_TEST(processes.unit_of(b.pid()) == "");
    BOOST_TEST((pids_of(processes, "a.service") == Pids{a.pid()}));
    BOOST_TEST((pids_of(others, "a.service") == Pids{b.pid()}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform::test_unit_processes
