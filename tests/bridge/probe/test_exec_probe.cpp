#include "bridge/probe/exec_probe.hpp"

#include <boost/test/unit_test.hpp>

#include "bridge/probe/server.hpp"
#include "support/descriptors.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

struct Executing {
    test::TemporaryDirectory directory;
    event::Loop loop;
    process::Supervisor supervisor{loop, true};
    std::chrono::milliseconds limit = 10s;

    Executing() {
        loop.spawn([this] { return supervisor.run(); });
    }

    process::Environment environment = process::Environment::inherited();

    ExecProbe probe_of(const std::string& command) {
        return {loop, supervisor, "exec", command, environment, limit};
    }

    Finding run(const std::string& command) {
        ExecProbe probe = probe_of(command);
        return check(loop, probe);
    }

    void until_gone(const std::string& name) {
        const pid_t pid = std::stoi(directory.read(name));
        test::run(loop, [&] { return test::until(loop, [pid] { return ::kill(pid, 0) < 0; }); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(exec_probe, Executing)

BOOST_AUTO_TEST_CASE(the_exit_status_of_a_command_decides_its_exec_probe) {
    BOOST_TEST(run("true").holds);
    BOOST_TEST(run("exit 3").reason == "exited with status 3");
    BOOST_TEST(run("kill -SEGV $$").reason == "was killed by SIGSEGV");
    BOOST_TEST(run("no-such-command-anywhere").reason.ends_with("not found"));
}

BOOST_AUTO_TEST_CASE(the_last_line_of_standard_error_explains_a_failed_probe) {
    BOOST_TEST(run("echo first >&2; echo last >&2; exit 1").reason == "last");
    BOOST_TEST(run("printf 'no newline' >&2; exit 1").reason == "no newline");
    BOOST_TEST(run("printf 'line\\n\\n' >&2; exit 1").reason == "line");
    BOOST_TEST(run("echo out; exit 1").reason == "exited with status 1");
    BOOST_TEST(run("echo said >&2; exit 0").holds);
}

BOOST_AUTO_TEST_CASE(an_exec_probe_with_much_output_is_not_blocked) {
    const Finding finding = run("head -c 10000000 /dev/zero | tr '\\0' x >&2; echo >&2; exit 1");
    BOOST_TEST(finding.reason == std::string(200, 'x'));
}

BOOST_AUTO_TEST_CASE(a_timeout_kills_the_process_group_of_an_exec_probe) {
    limit = 100ms;
    const std::string stays = directory.path("stays");
    const Finding finding =
        run("trap '' TERM; (trap '' TERM; sleep 1000 & echo $! > " + stays
            + "; wait) & while ! test -s " + stays + "; do sleep 0.01; done; touch "
            + directory.path("up") + "; sleep 1000");
    BOOST_TEST(finding.reason == "did not exit in time");
    if (!directory.read("stays").empty())
        until_gone("stays");
}

BOOST_AUTO_TEST_CASE(a_process_left_behind_by_an_exec_probe_is_killed) {
    BOOST_TEST(run("sleep 1000 >&2 & echo $! > " + directory.path("stays")).holds);
    until_gone("stays");
}

BOOST_AUTO_TEST_CASE(the_environment_of_an_exec_probe_can_be_set) {
    const std::string is_set = "test \"$NOTIFYBRIDGE_TEST\" = set";
    BOOST_TEST(!run(is_set).holds);
    environment.set("NOTIFYBRIDGE_TEST", "set");
    BOOST_TEST(run(is_set).holds);
}

BOOST_AUTO_TEST_CASE(an_exec_probe_has_no_input_and_no_output) {
    BOOST_TEST(run("test \"$(cat)\" = '' && echo lost").holds);
}

BOOST_AUTO_TEST_CASE(exec_probes_leave_no_descriptors_behind) {
    ExecProbe probe = probe_of("echo no >&2; false");
    check(loop, probe);
    const std::size_t before = test::open_descriptors();
    for (int round = 0; round < 20; ++round)
        BOOST_TEST(check(loop, probe).reason == "no");
    BOOST_TEST(test::open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(an_exec_probe_that_cannot_start_is_reported) {
    const test::DescriptorsUsedUp none;
    ExecProbe probe = probe_of("true");
    const Finding finding = check(loop, probe);
    BOOST_TEST(!finding.holds);
    BOOST_TEST(!finding.reason.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
