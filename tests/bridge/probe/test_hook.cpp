#include "bridge/probe/hook.hpp"

#include <boost/test/unit_test.hpp>

#include "support/log_records.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

struct Hooked {
    test::TemporaryDirectory directory;
    event::Loop loop;
    process::Supervisor supervisor{loop, true};
    std::chrono::milliseconds limit = 10s;
    test::LogRecords records{util::Severity::warning};

    Hooked() {
        loop.spawn([this] { return supervisor.run(); });
    }

    void run(const std::string& command, int times = 1) {
        Hook hook(loop, supervisor, "--on-ready", command, limit);
        process::Environment environment = process::Environment::inherited();
        environment.set("NOTIFYBRIDGE_STATE", "ready");
        for (int time = 0; time < times; ++time)
            hook.run(environment);
        test::run(loop, [&]() -> event::Awaitable<> {
            co_await hook.finished();
            for (int turn = 0; turn < 10; ++turn)
                co_await loop.yield();
        });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hook_of_a_user, Hooked)

BOOST_AUTO_TEST_CASE(a_hook_runs_once_with_its_environment) {
    run("echo $NOTIFYBRIDGE_STATE >> " + directory.path("out"), 3);
    BOOST_TEST(directory.read("out") == "ready\n");
    BOOST_TEST(records.texts().empty());
}

BOOST_AUTO_TEST_CASE(the_failure_of_a_hook_is_logged) {
    run("exit 3");
    BOOST_TEST(records.has("the command of --on-ready exited with status 3"));
}

BOOST_AUTO_TEST_CASE(the_timeout_of_a_hook_is_logged_and_ends_the_hook) {
    limit = 30ms;
    run("trap '' TERM; sleep 1000");
    BOOST_TEST(records.has("the command of --on-ready did not exit in time"));
}

BOOST_AUTO_TEST_CASE(a_hook_that_never_ran_counts_as_finished) {
    Hook hook(loop, supervisor, "--on-ready", "exit 0", limit);
    test::run(loop, [&] { return hook.finished(); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
