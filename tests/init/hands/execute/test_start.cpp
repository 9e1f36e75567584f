#include "init/hands/execute/start.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/util/concat.hpp"
#include "init/hands/execute/cgroup.hpp"
#include "init/hands/execute/glob.hpp"
#include "runs.hpp"
#include "support/privileges.hpp"

namespace notifybridge::execute {
namespace {

using process::ExitStatus;
using test::run;
using test::run_script;
using test::Units;
namespace tt = boost::unit_test;

struct Refused {
    const char* lines;
    int status;
};

std::ostream& operator<<(std::ostream& out, const Refused& refused) {
    return out << refused.lines << " -> " << refused.status;
}

// The exit statuses of systemd 252.
const Refused refused[] = {
    {"ExecStart=/bin/true\nUser=no-such-user", 217},
    {"ExecStart=/bin/true\nUser=54321", 217},
    {"ExecStart=/bin/true\nGroup=no-such-group", 216},
    {"ExecStart=/bin/true\nGroup=54321", 216},
    {"ExecStart=/bin/true\nSupplementaryGroups=54321", 216},
    {"ExecStart=/bin/true\nWorkingDirectory=/no/such", 200},
    {"ExecStart=/no/such", 203},
    {"ExecStart=no-such-program", 203},
    {"ExecStart=/etc", 203},
    {"ExecStart=/etc/passwd", 203},
    {"ExecStart=@/garbage", 203},
    {"ExecStart=/bin/true\nStandardInput=file:/no/such", 208},
    {"ExecStart=/bin/true\nStandardOutput=file:/no/such", 209},
    {"ExecStart=/bin/true\nStandardError=append:/no/such", 222},
    {"ExecStart=/bin/true\nStateDirectory=file", 238},
    {"ExecStart=/bin/true\nRootDirectory=/no/such", 210},
    {"ExecStart=/bin/true\nRootImage=/no/such", 226},
    {"ExecStart=/bin/true\nExtensionDirectories=/no/such", 226},
    {"ExecStart=+/bin/true\nNetworkNamespacePath=/no/such", 225},
    {"ExecStart=/bin/true\nBindNetworkInterface=vrf0", 225},
    {"ExecStart=/bin/true\nUserNamespacePath=/no/such", 226},
    // If several steps would fail, the first one in systemd's order decides.
    {"ExecStart=/bin/true\nRootImage=/no/such\nStandardInput=file:/no/such", 208},
    {"ExecStart=/no/such\nRootImage=/no/such", 226},
    {"ExecStart=/no/such\nStandardInput=file:/no/such", 208},
    {"ExecStart=/no/such\nWorkingDirectory=/no/such", 203},
    {"ExecStart=/no/such\nUser=no-such-user\nStandardInput=file:/no/such", 217},
};

/// Creates a directory "root" that contains a shell, and a file that identifies this root.
void make_root(const Units& units) {
    const std::string root = units.directory.path("root");
    std::filesystem::create_directories(root + "/sub");
    units.directory.write("root/mark", "inside\n");
    const std::string copy =
        "cp -L --parents $(ldd /bin/sh /bin/cat | grep -o '/[^ :]*' | sort -u) " + root;
    BOOST_TEST_REQUIRE(std::system(copy.c_str()) == 0);
}

std::string status_line(const std::string& output, const std::string& name) {
    const std::size_t at = output.find(name + ":");
    BOOST_TEST_REQUIRE(at != output.npos);
    const std::size_t value = output.find_first_not_of(" \t", at + name.size() + 1);
    return output.substr(value, output.find('\n', value) - value);
}

/// Returns a line of /proc/self/status of a service with these lines.
std::string proc_status(const std::string& lines, const std::string& name) {
    const Units units;
    const auto result = run(units, units.service("ExecStart=/bin/cat /proc/self/status\n" + lines));
    BOOST_TEST_REQUIRE((result.end == ExitStatus::exited(0)));
    return status_line(result.output, name);
}

boost::test_tools::assertion_result has_groups(tt::test_unit_id) {
    boost::test_tools::assertion_result result(Cgroups::below_our_own().has_value());
    result.message() << "no control groups (cgroup2) can be made here";
    return result;
}

/// Makes clone3(2) fail for the calling thread and its children, as before Linux 5.3 and in some
/// containers.
void refuse_clone3() {
    auto filter = std::to_array<sock_filter>({
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    });
    const sock_fprog program{filter.size(), filter.data()};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(starting)

BOOST_DATA_TEST_CASE(a_failed_step_of_a_start_sets_the_exit_status,
                     boost::unit_test::data::make(refused), sample) {
    const Units units;
    std::filesystem::create_directories(units.facts.state_directory);
    units.directory.write("state/file", "");
    units.directory.write("garbage", "garbage");
    ::chmod(units.directory.path("garbage").c_str(), 0755);
    // The result does not depend on whether the manager or the process itself prepares the process.
    for (const bool may_hang : {false, true}) {
        const auto result = run(units, units.service(sample.lines),
                                [&](StartRequest& request) { request.may_hang = may_hang; });
        BOOST_TEST((result.end == ExitStatus::exited(sample.status)), result.end.code);
        BOOST_TEST(static_cast<int>(result.failure.step) == sample.status);
        BOOST_TEST(result.failure.error != 0);
        BOOST_TEST((!may_hang || result.report->kind == StartReport::Kind::failed));
    }
}

struct Prepared {
    const char* lines;
    bool by_itself;
};

std::ostream& operator<<(std::ostream& out, const Prepared& prepared) {
    return out << prepared.lines;
}

const Prepared prepared[] = {
    {"WorkingDirectory=@", false},
    {"User=0\nStandardInputText=x\nStandardOutput=null", false},
    {"EnvironmentFile=-/etc/no-such", false},
    {"StateDirectory=d", true},
    {"RuntimeDirectory=d", true},
    {"StandardInput=file:/dev/null", true},
    {"StandardOutput=append:@/log", true},
    {"StandardError=truncate:@/log", true},
    {"TTYPath=/dev/null\nTTYReset=yes", true},
};

/// If the manager prepared these processes, it would wait for a chown of a large tree, or for a
/// file on a dead mount.
BOOST_DATA_TEST_CASE(the_process_itself_does_slow_preparations,
                     boost::unit_test::data::make(prepared), sample) {
    const Units units;
    const auto result =
        run(units, units.service(std::string("ExecStart=/bin/true\n") + sample.lines));
    BOOST_TEST((result.end == ExitStatus::exited(0)));
    BOOST_TEST(result.report.has_value() == sample.by_itself);
    BOOST_TEST((!result.report || result.report->kind == StartReport::Kind::executed));
}

BOOST_AUTO_TEST_CASE(both_ways_to_prepare_a_process_report_an_ignored_failure) {
    const Units units;
    for (const bool may_hang : {false, true}) {
        const auto result = run(units, units.service("ExecStart=-/no/such"),
                                [&](StartRequest& request) { request.may_hang = may_hang; });
        BOOST_TEST((result.end == ExitStatus::exited(0)));
        BOOST_TEST(result.is_ignored);
        BOOST_TEST((result.failure == Failure{Step::exec, ENOENT}));
    }
}

BOOST_AUTO_TEST_CASE(a_process_starts_in_the_control_group_of_its_unit,
                     *tt::precondition(has_groups)) {
    const auto groups = Cgroups::below_our_own();
    const system::UniqueFd group = groups->make("_nbtest-start.service");
    const process::ChildStack stack;
    for (const bool is_refused : {false, true}) {
        std::thread thread([&] {
            if (is_refused)
                refuse_clone3();
            const auto child = process::clone_child_into(
                group, [](void*) { return 7; }, nullptr, stack);
            BOOST_TEST(child.has_value() != is_refused);
            if (child) {
                BOOST_TEST(groups->unit_of(child->pid) == "_nbtest-start.service");
                BOOST_TEST((test::end_of(*child) == ExitStatus::exited(7)));
            }
            const Units units;
            for (const bool may_hang : {false, true}) {
                const auto result =
                    run_script(units, "", "cat /proc/self/cgroup", [&](StartRequest& request) {
                        request.cgroup = group;
                        request.may_hang = may_hang;
                    });
                const std::string path = parse_cgroup_path(result.output);
                BOOST_TEST(path.ends_with("_nbtest-start.service"), path);
            }
        });
        thread.join();
    }
    groups->remove("_nbtest-start.service");
}

BOOST_AUTO_TEST_CASE(a_process_can_start_in_a_killed_control_group, *tt::precondition(has_groups)) {
    const auto groups = Cgroups::below_our_own();
    const system::UniqueFd group = groups->make("_nbtest-killed.service");
    const Units units;
    for (int kills = 0; kills < 3; ++kills) {
        for (const bool may_hang : {false, true}) {
            const auto result =
                run_script(units, "", "cat /proc/self/cgroup", [&](StartRequest& request) {
                    request.cgroup = group;
                    request.may_hang = may_hang;
                });
            BOOST_TEST((result.end == ExitStatus::exited(0)));
            const std::string path = parse_cgroup_path(result.output);
            BOOST_TEST(path.ends_with("_nbtest-killed.service"), path);
        }
        BOOST_TEST(groups->kill_all("_nbtest-killed.service"));
    }
    groups->remove("_nbtest-killed.service");
}

BOOST_AUTO_TEST_CASE(a_failure_to_join_a_control_group_is_a_failed_step) {
    const Units units;
    const system::UniqueFd none(::open(units.directory.path().c_str(), O_PATH | O_CLOEXEC));
    for (const bool may_hang : {false, true}) {
        const auto result = run_script(units, "", "true", [&](StartRequest& request) {
            request.cgroup = none;
            request.may_hang = may_hang;
        });
        BOOST_TEST((result.end == ExitStatus::exited(219)));
        BOOST_TEST(result.failure.error == ENOENT);
    }
}

BOOST_AUTO_TEST_CASE(the_process_itself_reads_slow_environment_files) {
    const Units units;
    units.directory.write("file", "WORD=read\n");
    const auto slowly = [](StartRequest& request) { request.environment_files_may_hang = true; };
    const auto result = run_script(units, "EnvironmentFile=@/file", "echo $WORD", slowly);
    BOOST_TEST(result.output == "read\n");
    BOOST_TEST((result.report->kind == StartReport::Kind::executed));
    const auto refused = run_script(units, "EnvironmentFile=@/none", "echo", slowly);
    BOOST_TEST((refused.report->kind == StartReport::Kind::refused));
    BOOST_TEST(refused.report->reason.find("No such file") != std::string::npos);
    BOOST_CHECK_THROW(run_script(units, "EnvironmentFile=@/none", "echo"), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_process_itself_searches_among_many_environment_files) {
    const Units units;
    std::filesystem::create_directory(units.directory.path("d"));
    units.directory.write("d/a", "WORD=few\n");
    const auto few = run_script(units, "EnvironmentFile=@/d/[a]", "echo $WORD");
    BOOST_TEST((few.output == "few\n" && !few.report));
    for (std::size_t number = 0; number < most_looks; ++number)
        units.directory.write(util::concat("d/x", number), "");
    const auto many = run_script(units, "EnvironmentFile=@/d/[a]", "echo $WORD");
    BOOST_TEST((many.output == "few\n" && many.report));
}

BOOST_AUTO_TEST_CASE(a_process_killed_before_its_program_sends_no_report) {
    const Units units;
    const std::string path = units.directory.path("fifo");
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const auto unit = units.service("ExecStart=/bin/cat\nStandardInput=file:@/fifo");
    const unit::Environment manager;
    const StartRequest request{.exec = unit.settings.exec,
                               .command = unit.settings.service.exec_start->back(),
                               .facts = units.facts,
                               .manager_environment = manager};
    const Started started = start(request);
    // SIGTERM ends the process, although it begins with all signals blocked.
    ::kill(started.child.pid, SIGTERM);
    BOOST_TEST((test::end_of(started.child) == ExitStatus::killed(SIGTERM)));
    char byte;
    BOOST_TEST(::read(started.report.get(), &byte, 1) == 0);
    BOOST_TEST((parse_report("").kind == StartReport::Kind::vanished));
}

BOOST_AUTO_TEST_CASE(a_failed_start_is_described_as_by_systemd) {
    BOOST_TEST(describe({Step::exec, ENOENT}, "/bin/x")
               == "Failed at step EXEC spawning /bin/x: No such file or directory");
    BOOST_TEST(describe({Step::standard_input, EACCES}, "x")
               == "Failed at step STDIN spawning x: Permission denied");
}

BOOST_AUTO_TEST_CASE(the_reason_in_the_programs_file_is_added) {
    const test::TemporaryDirectory directory;
    const std::string program = directory.path("program");
    std::ofstream(program) << "no program\n";
    BOOST_TEST(
        describe({Step::exec, ENOEXEC}, program).find("Exec format error; it is not a program")
        != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_program_that_may_fail_counts_as_a_success) {
    const Units units;
    const auto result = run(units, units.service("ExecStart=-/no/such"));
    BOOST_TEST((result.end == ExitStatus::exited(0)));
    BOOST_TEST(result.is_ignored);
}

BOOST_AUTO_TEST_CASE(program_names_are_found_in_the_search_path) {
    const Units units;
    BOOST_TEST((run(units, units.service("ExecStart=true")).end == ExitStatus::exited(0)));
    BOOST_TEST((run(units, units.service("ExecStart=true\nExecSearchPath=/etc")).end
                == ExitStatus::exited(203)));
}

BOOST_AUTO_TEST_CASE(start_throws_if_systemd_would_not_start_a_process) {
    const Units units;
    for (const char* const lines :
         {"EnvironmentFile=/no/such", "StandardInput=socket", "StandardInput=fd:none"})
        BOOST_CHECK_THROW(run(units, units.service(std::string("ExecStart=/bin/true\n") + lines)),
                          std::system_error);
}

BOOST_AUTO_TEST_CASE(a_process_leads_its_session_and_blocks_no_signal) {
    const Units units;
    const auto result =
        run(units, units.service("ExecStart=/bin/cat /proc/self/stat /proc/self/status"));
    const std::string ids =
        util::concat(result.pid, " (cat) R ", ::getpid(), ' ', result.pid, ' ', result.pid, ' ');
    BOOST_TEST(result.output.starts_with(ids), result.output);
    BOOST_TEST(status_line(result.output, "SigBlk") == "0000000000000000");
    BOOST_TEST(status_line(result.output, "SigIgn") == "0000000000001000");
}

BOOST_AUTO_TEST_CASE(a_process_does_not_inherit_ignored_signals) {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    struct sigaction before {};
    ::sigaction(SIGHUP, &ignore, &before);
    const std::string ignored = proc_status("IgnoreSIGPIPE=no", "SigIgn");
    ::sigaction(SIGHUP, &before, nullptr);
    BOOST_TEST(ignored == "0000000000000000");
}

BOOST_AUTO_TEST_CASE(variables_with_the_pid_are_expanded_in_arguments) {
    const Units units;
    const auto result =
        run(units, units.service("Environment=\"FOO=a b\"\n"
                                 "ExecStart=/bin/echo $FOO ${FOO} x${SYSTEMD_EXEC_PID}y $UNSET "
                                 ",${SYSTEMD_EXEC_PID}${SYSTEMD_EXEC_PID}- $SYSTEMD_EXEC_PID"));
    const std::string pid = std::to_string(result.pid);
    BOOST_TEST(result.output == util::concat("a b a b x", pid, "y ,", pid, pid, "- ", pid, "\n"));
}

BOOST_AUTO_TEST_CASE(a_process_gets_only_its_descriptors_from_three_on) {
    const Units units;
    units.directory.write("a", "first\n");
    units.directory.write("b", "second\n");
    std::vector<system::UniqueFd> files;
    for (const char* const name : {"a", "b"})
        // The process inherits this descriptor, because it lacks close-on-exec.
        files.emplace_back(::open(units.directory.path(name).c_str(), O_RDONLY));
    const auto result = run_script(
        units, "NonBlocking=yes",
        "cat <&4; cat <&3; echo $LISTEN_FDS $LISTEN_FDNAMES; test $LISTEN_PID = $$ && echo mine\n"
        "ls /proc/$$/fd | tr '\\n' ' '; grep flags /proc/$$/fdinfo/3 /proc/$$/fdinfo/4",
        [&](StartRequest& request) {
            request.fds = {{files[1], "x"}, {files[0], "y", false}};
            request.non_blocking = true;
        });
    BOOST_TEST(result.output.starts_with("first\nsecond\n2 x:y\nmine\n0 1 10 2 3 4 "),
               result.output);
    BOOST_TEST(result.output.find("fdinfo/3:flags:\t0104000") != std::string::npos, result.output);
    BOOST_TEST(result.output.find("fdinfo/4:flags:\t0100000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_umask_the_limits_and_niceness_come_from_the_unit) {
    const Units units;
    const int own = ::getpriority(PRIO_PROCESS, 0);
    const auto result = run_script(
        units, "UMask=0027\nLimitNOFILE=100:200\nLimitCORE=0\nNice=5\nOOMScoreAdjust=300",
        "umask; ulimit -n; ulimit -Hn; ulimit -c; nice; cat /proc/self/oom_score_adj");
    BOOST_TEST(result.output == "0027\n100\n200\n0\n5\n300\n");
    BOOST_TEST(::getpriority(PRIO_PROCESS, 0) == own);
}

BOOST_AUTO_TEST_CASE(the_scheduling_of_a_process_comes_from_the_unit) {
    const Units units;
    const auto result = run_script(
        units, "CPUSchedulingPolicy=batch\nIOSchedulingClass=idle\nTimerSlackNSec=2ms",
        "cat /proc/self/timerslack_ns; sed 's/.*) //' /proc/self/stat | cut -d' ' -f39; ionice");
    BOOST_TEST(result.output == "2000000\n3\nidle\n");
    BOOST_TEST(::sched_getscheduler(0) == SCHED_OTHER);
}

BOOST_AUTO_TEST_CASE(the_working_directory_is_the_root_or_that_of_the_unit) {
    const Units units;
    BOOST_TEST(run_script(units, "", "pwd").output == "/\n");
    BOOST_TEST(run_script(units, "WorkingDirectory=/etc", "pwd").output == "/etc\n");
    BOOST_TEST(run_script(units, "WorkingDirectory=-/no/such", "exit 3").end.code == 3);
    BOOST_TEST(run_script(units, "WorkingDirectory=~", "pwd; echo $HOME").output
               == util::concat(units.facts.home, '\n', units.facts.home, '\n'));
}

BOOST_AUTO_TEST_CASE(the_home_of_a_user_without_one_is_the_root,
                     *tt::precondition(notifybridge::test::is_root)) {
    const Units units;
    BOOST_TEST(run_script(units, "User=nobody\nWorkingDirectory=~", "pwd; echo [$HOME]").output
               == "/\n[]\n");
}

BOOST_AUTO_TEST_CASE(the_program_is_looked_up_in_the_new_root,
                     *tt::precondition(notifybridge::test::is_root)) {
    const Units units;
    make_root(units);
    const auto output = [&](const std::string& lines) {
        return run(units, units.service("RootDirectory=@/root\n" + lines)).output;
    };
    BOOST_TEST(output("ExecStart=/bin/sh -c 'pwd; cat mark'") == "/\ninside\n");
    BOOST_TEST(output("WorkingDirectory=/sub\nExecStart=sh -c 'pwd; cat /mark'")
               == "/sub\ninside\n");
    // A missing working directory does not leave the process outside of the root.
    BOOST_TEST(output("WorkingDirectory=-/no/such\nExecStart=sh -c 'pwd; cat mark'")
               == "/\ninside\n");
    BOOST_TEST(output("User=daemon\nExecStart=/bin/cat /mark") == "inside\n");
    BOOST_TEST(output("User=daemon\nExecStart=+/bin/cat /mark") == "inside\n");
    const auto outside = [](StartRequest& request) { request.applies_root = false; };
    BOOST_TEST(
        run_script(units, "RootDirectory=@/root", "test -e /mark || cat mark", outside).output
        == "inside\n");
}

BOOST_AUTO_TEST_CASE(a_program_outside_of_the_root_is_missing,
                     *tt::precondition(notifybridge::test::is_root)) {
    const Units units;
    make_root(units);
    const auto result = [&](const std::string& lines) {
        return run(units, units.service("RootDirectory=@/root\n" + lines));
    };
    BOOST_TEST((result("ExecStart=/usr/bin/env").failure == Failure{Step::exec, ENOENT}));
    BOOST_TEST((result("ExecStart=env").end == ExitStatus::exited(203)));
    BOOST_TEST((result("ExecStart=/mark").failure == Failure{Step::exec, EACCES}));
    const auto ignored = result("ExecStart=-/usr/bin/env");
    BOOST_TEST(ignored.is_ignored);
    BOOST_TEST((ignored.end == ExitStatus::exited(0)));
    BOOST_TEST((result("ExecStart=-/mark/x").end == ExitStatus::exited(0)));
}

BOOST_AUTO_TEST_CASE(a_process_has_the_rights_of_its_user,
                     *tt::precondition(notifybridge::test::is_root)) {
    const Units units;
    const auto result =
        run_script(units, "User=daemon\nSupplementaryGroups=audio video", "id; cd ~; pwd");
    BOOST_TEST(result.output
               == "uid=1(daemon) gid=1(daemon) groups=1(daemon),29(audio),44(video)\n/usr/sbin\n");
    BOOST_TEST(run_script(units, "User=1\nGroup=audio", "id").output
               == "uid=1(daemon) gid=29(audio) groups=29(audio)\n");
    // Our own process stays dumpable, and keeps its user.
    BOOST_TEST(::prctl(PR_GET_DUMPABLE) == 1);
    BOOST_TEST(::geteuid() == 0u);
}

BOOST_AUTO_TEST_CASE(a_command_with_a_prefix_keeps_privileges_of_the_manager,
                     *tt::precondition(notifybridge::test::is_root)) {
    const std::string lines =
        "\nUser=daemon\nCapabilityBoundingSet=CAP_CHOWN\nUMask=0077\nLimitNOFILE=99";
    const auto status = [&](const std::string& prefix, const std::string& name) {
        const Units units;
        const auto result =
            run(units, units.service("ExecStart=" + prefix + "/bin/cat /proc/self/status" + lines));
        return status_line(result.output, name);
    };
    BOOST_TEST(status("", "Uid") == "1\t1\t1\t1");
    BOOST_TEST(status("!", "Uid") == "0\t0\t0\t0");
    BOOST_TEST(status("!", "Gid") == "0\t0\t0\t0");
    BOOST_TEST(status("!", "Groups") == "1 ");
    BOOST_TEST(status("!", "CapBnd") == "0000000000000001");
    BOOST_TEST(status("!!", "Uid") == "1\t1\t1\t1");
    BOOST_TEST(status("+", "Uid") == "0\t0\t0\t0");
    BOOST_TEST(status("+", "CapBnd") == proc_status("", "CapBnd"));
    BOOST_TEST(status("+", "Umask") == "0077");
}

BOOST_AUTO_TEST_CASE(the_capabilities_of_a_process_come_from_the_unit,
                     *tt::precondition(notifybridge::test::is_root)) {
    const std::string lines =
        "AmbientCapabilities=CAP_NET_BIND_SERVICE CAP_KILL\n"
        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_CHOWN\n";
    const auto as_user = lines + "User=daemon\nSecureBits=noroot\nNoNewPrivileges=yes";
    BOOST_TEST(proc_status(as_user, "CapInh") == "0000000000000400");
    BOOST_TEST(proc_status(as_user, "CapPrm") == "0000000000000400");
    BOOST_TEST(proc_status(as_user, "CapEff") == "0000000000000400");
    BOOST_TEST(proc_status(as_user, "CapBnd") == "0000000000000401");
    BOOST_TEST(proc_status(as_user, "CapAmb") == "0000000000000400");
    BOOST_TEST(proc_status(as_user, "NoNewPrivs") == "1");
    BOOST_TEST(proc_status(lines, "CapPrm") == "0000000000000401");
    BOOST_TEST(proc_status(lines, "CapAmb") == "0000000000000400");
    BOOST_TEST(proc_status("SecureBits=noroot\nUser=daemon", "CapPrm") == "0000000000000000");
    // Our own capabilities are unchanged.
    BOOST_TEST(::prctl(PR_CAPBSET_READ, 0) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::execute
