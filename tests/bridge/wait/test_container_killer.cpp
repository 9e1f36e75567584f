#include "bridge/wait/container_killer.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/process/descendants.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::wait {
namespace {

using Request = ContainerKiller::Request;

/// A script in place of podman, and a process that waits until it has to execute this script.
struct Killed {
    test::TemporaryDirectory directory;
    test::LogRecords log{util::Severity::warning};
    event::Loop loop;
    process::Supervisor supervisor{loop, false};
    std::unique_ptr<ContainerKiller> killer;
    int failures = 0;
    int successes = 0;

    Killed() {
        loop.spawn([this] { return supervisor.run(); });
    }

    void prepare(const ContainerKiller::Words& words) {
        process::Environment environment = process::Environment::inherited();
        environment.set("MARK", "ours");
        killer = std::make_unique<ContainerKiller>(supervisor, "podman", words, environment);
        killer->on_end = [this](bool has_succeeded) { ++(has_succeeded ? successes : failures); };
    }
    void prepare(const std::string& script) {
        prepare([script](Request) { return std::vector<std::string>{"sh", "-c", script}; });
    }

    void await(const std::function<bool()>& condition) {
        test::run(loop, [&] { return test::until(loop, condition); });
    }
    static std::size_t processes() { return process::descendants(::getpid()).size(); }
    void await_end() {
        await([] { return processes() == 0; });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(container_killer, Killed)

BOOST_AUTO_TEST_CASE(the_command_runs_only_after_a_request) {
    prepare("echo $MARK >" + directory.path("killed"));
    BOOST_TEST(processes() == 1u);
    BOOST_TEST(directory.read("killed") == "");
    killer->ask(Request::kill);
    await_end();
    BOOST_TEST(directory.read("killed") == "ours\n");
    BOOST_TEST(failures == 0);
}

BOOST_AUTO_TEST_CASE(the_kill_command_is_read_when_the_container_is_killed) {
    // The file with the container's id is written after the process was started.
    prepare([this](Request) {
        return std::vector<std::string>{"sh", "-c", "cp \"$0\" \"$1\"", directory.read("id"),
                                        directory.path("copy")};
    });
    directory.write("id", directory.path("id"));
    killer->ask(Request::kill);
    await_end();
    BOOST_TEST(directory.read("copy") == directory.path("id"));
    BOOST_TEST(failures == 0);
}

BOOST_AUTO_TEST_CASE(the_command_depends_on_the_request) {
    prepare([this](Request request) {
        return std::vector<std::string>{
            "touch", directory.path(request == Request::stop ? "stopped" : "killed")};
    });
    killer->ask(Request::stop);
    await_end();
    BOOST_TEST(directory.names() == std::vector<std::string>{"stopped"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_failure_of_the_kill_command_is_reported_once) {
    prepare("exit 3");
    killer->ask(Request::kill);
    await([this] { return failures > 0; });
    await_end();
    BOOST_TEST(failures == 1);
    BOOST_TEST(log.has("podman has not ended the container: its command exited with status 3"));
}

BOOST_AUTO_TEST_CASE(a_container_without_a_name_is_not_killed) {
    prepare([](Request) { return std::vector<std::string>(); });
    killer->ask(Request::kill);
    await([this] { return failures > 0; });
    BOOST_TEST(failures == 1);
}

BOOST_AUTO_TEST_CASE(a_removal_always_gets_an_answer) {
    prepare([](Request) { return std::vector<std::string>(); });
    killer->ask(Request::discard);
    await([this] { return failures > 0; });
    BOOST_TEST(log.texts().empty());
    prepare("exit 0");
    killer->ask(Request::discard);
    await([this] { return successes > 0; });
    BOOST_TEST(failures == 1);
}

BOOST_AUTO_TEST_CASE(a_kill_fails_if_the_prepared_process_has_ended) {
    prepare("exit 0");
    const auto found = process::descendants(::getpid());
    BOOST_TEST_REQUIRE(found.size() == 1u);
    ::kill(found.front(), SIGKILL);
    await([this] { return failures == 1; });
    killer->ask(Request::kill);
    BOOST_TEST(failures == 2);
    BOOST_TEST(
        log.has("podman has not ended the container: its command ended before it was asked to"));
}

BOOST_AUTO_TEST_CASE(the_kill_command_does_not_run_after_our_end) {
    prepare("echo >" + directory.path("killed"));
    // The loop does not run, because it would report this end to the deleted killer.
    const pid_t standby = process::descendants(::getpid()).front();
    killer.reset();
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(standby), &info, WEXITED);
    BOOST_TEST(info.si_code == CLD_EXITED);
    BOOST_TEST(info.si_status != 0);
    BOOST_TEST(directory.names().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
