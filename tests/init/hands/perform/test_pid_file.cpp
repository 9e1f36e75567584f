#include "init/hands/perform/pid_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "running.hpp"
#include "support/privileges.hpp"

namespace notifybridge::perform {
namespace {

using test::Running;
namespace tt = boost::unit_test;

/// A unit with a process, a process of another unit, and a directory for PID files.
struct Case {
    UnitProcesses processes{std::nullopt};
    Running own{processes, "a.service", "echo ready; sleep 1000 & wait"};
    Running alien{processes, "b.service", "echo ready; sleep 1000 & wait"};
    const notifybridge::test::TemporaryDirectory directory;

    Case() {
        own.line();
        alien.line();
    }

    void write(const std::string& name, pid_t pid) const {
        directory.write(name, std::to_string(pid) + "\n");
    }
    PidFile read(const std::string& name) {
        return read_pid_file(processes, "a.service", directory.path(name), 0);
    }
    std::string fault(const std::string& name) { return read(name).fault; }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pid_files)

BOOST_AUTO_TEST_CASE(a_pid_file_may_name_a_process_of_the_unit) {
    Case test;
    test.write("pid", test.own.pid());
    BOOST_TEST(test.read("pid").pid == test.own.pid());
    test.directory.write("pid", "  " + std::to_string(test.own.pid()));
    BOOST_TEST(test.read("pid").pid == test.own.pid());
    test.directory.write("pid", std::to_string(test.own.pid()) + "\nmore\n");
    BOOST_TEST(test.read("pid").pid == test.own.pid());
}

BOOST_AUTO_TEST_CASE(a_pid_file_without_a_pid_is_refused) {
    Case test;
    BOOST_TEST(test.fault("none") == "No such file or directory");
    for (const char* const text : {"", "\n1", "abc\n", "-1\n", "0\n", "99999999999\n"}) {
        test.directory.write("pid", text);
        BOOST_TEST(has(test.fault("pid"), "its first line is not a pid"));
    }
    BOOST_REQUIRE(::mkfifo(test.directory.path("fifo").c_str(), 0600) == 0);
    BOOST_TEST(has(test.fault("fifo"), "not a regular file"));
    BOOST_REQUIRE(::symlink("loop", test.directory.path("loop").c_str()) == 0);
    BOOST_TEST(has(test.fault("loop"), "symbolic links"));
}

BOOST_AUTO_TEST_CASE(a_pid_file_cannot_name_manager_control_or_dead_processes) {
    Case test;
    test.write("pid", ::getpid());
    BOOST_TEST(has(test.fault("pid"), "is the manager"));
    test.write("pid", 1);
    BOOST_TEST(has(test.fault("pid"), "is the manager"));
    test.write("pid", test.own.pid());
    BOOST_TEST(
        has(read_pid_file(test.processes, "a.service", test.directory.path("pid"), test.own.pid())
                .fault,
            "is the control process"));
    ::kill(test.own.pid(), SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(test.own.pid()), &info, WEXITED | WNOWAIT);
    BOOST_TEST(has(test.fault("pid"), "zombie"));
}

BOOST_AUTO_TEST_CASE(only_a_pid_file_of_root_may_name_a_process_of_another_unit,
                     *tt::precondition(notifybridge::test::is_root)) {
    Case test;
    ::chmod(test.directory.path().c_str(), 0755);
    test.write("pid", test.alien.pid());
    BOOST_TEST(test.read("pid").pid == test.alien.pid());
    BOOST_REQUIRE(::chown(test.directory.path("pid").c_str(), 1, 1) == 0);
    BOOST_TEST(has(test.fault("pid"), "users other than root"));
    test.write("pid", test.own.pid());
    BOOST_TEST(test.read("pid").pid == test.own.pid());
}

BOOST_AUTO_TEST_CASE(a_users_link_to_a_pid_file_of_root_is_refused,
                     *tt::precondition(notifybridge::test::is_root)) {
    Case test;
    test.write("roots", test.alien.pid());
    const std::string users = test.directory.path("users");
    BOOST_REQUIRE(::mkdir(users.c_str(), 0755) == 0);
    BOOST_REQUIRE(::symlink(test.directory.path("roots").c_str(), (users + "/pid").c_str()) == 0);
    BOOST_TEST(test.read("users/pid").pid == test.alien.pid());
    BOOST_REQUIRE(::lchown((users + "/pid").c_str(), 1, 1) == 0);
    BOOST_TEST(has(test.fault("users/pid"), "users other than root"));
    BOOST_REQUIRE(::lchown((users + "/pid").c_str(), 0, 0) == 0);
    BOOST_REQUIRE(::chown(users.c_str(), 1, 1) == 0);
    BOOST_TEST(has(test.fault("users/pid"), "users other than root"));
    // A PID file of any user may name a process of the unit itself.
    test.write("roots", test.own.pid());
    BOOST_TEST(test.read("users/pid").pid == test.own.pid());
}

BOOST_AUTO_TEST_CASE(the_main_process_is_guessed_only_if_there_is_one_child) {
    Case test;
    BOOST_TEST(guess_main_pid(test.processes, "a.service") == test.own.pid());
    BOOST_TEST(guess_main_pid(test.processes, "c.service") == 0);
    Running two(test.processes, "two.service",
                "for i in 1 2; do sh -c 'echo ready; sleep 1000 & wait' & done\nexit 0");
    two.line();
    two.line();
    while (two.reap_one().pid != two.pid()) {
    }
    BOOST_TEST(guess_main_pid(test.processes, "two.service") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
