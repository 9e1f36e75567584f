#include "init/rules/unit_types/command_runner.hpp"

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

/// A `CommandRunner`, and a service whose commands a test starts one by one.
struct Runner : test::ServiceScene {
    Runner() : ServiceScene("ExecStartPre=/one\nExecStartPre=/two\nExecStart=/main\n") {}

    const unit::Commands& list() {
        return commands(service().settings().service, CommandKind::start_pre);
    }
    bool start(std::size_t index) {
        const ProcessRequest request{
            .unit = service(), .command = list()[index], .environment = {}};
        return runner.start(world, request, CommandKind::start_pre, index).has_value();
    }

    CommandRunner runner;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(command_runner)

BOOST_FIXTURE_TEST_CASE(the_last_run_of_a_command_is_kept_until_the_next_run, Runner) {
    BOOST_TEST(!runner.has_command());
    BOOST_TEST_REQUIRE(start(0));
    BOOST_TEST(runner.pid() == world.find("/one"));
    BOOST_TEST(runner.name() == "ExecStartPre");
    BOOST_TEST(!runner.last_run(CommandKind::start_pre, 0).has_ended);
    const pid_t pid = runner.pid();
    const ExecStatus run = runner.ended(process::ExitStatus::exited(3), false, world.now());
    BOOST_TEST(run.pid == pid);
    BOOST_TEST(run.number() == 3);
    BOOST_TEST(runner.pid() == 0);
    BOOST_TEST(runner.next() == 1u);
    BOOST_TEST_REQUIRE(start(runner.next()));
    BOOST_TEST(runner.command(list()) == &list()[1]);
    BOOST_TEST(runner.last_run(CommandKind::start_pre, 0).number() == 3);
    BOOST_TEST(runner.last_run(CommandKind::start_post, 0).pid == 0);
    BOOST_TEST_REQUIRE(start(0));
    BOOST_TEST(!runner.last_run(CommandKind::start_pre, 0).has_ended);
}

BOOST_FIXTURE_TEST_CASE(the_failed_start_of_a_command_is_logged_and_leaves_no_run, Runner) {
    world.impossible.insert("/one");
    BOOST_TEST(!start(0));
    BOOST_TEST(runner.pid() == 0);
    BOOST_TEST(!runner.has_command());
    BOOST_TEST_REQUIRE(world.said.size() == 1u);
    BOOST_TEST(world.said.front().starts_with("cannot run ExecStartPre=: clone"));
}

BOOST_FIXTURE_TEST_CASE(the_run_of_a_removed_command_is_not_shown, Runner) {
    BOOST_TEST_REQUIRE(start(1));
    runner.list_replaced(list(), {list()[1]});
    BOOST_TEST(runner.next() == 1u);
    BOOST_TEST(runner.last_run(CommandKind::start_pre, 0).pid == 0);
    runner.list_replaced({list()[1]}, {list()[0]});
    BOOST_TEST(!runner.has_command());
    BOOST_TEST(runner.name() == "Control process");
    BOOST_TEST(!runner.command(list()));
    // The end of the process is reported even though its command was removed.
    const pid_t pid = runner.pid();
    BOOST_TEST(pid > 0);
    BOOST_TEST(runner.ended(process::ExitStatus::killed(9), false, world.now()).pid == pid);
    BOOST_TEST(runner.last_run(CommandKind::start_pre, 0).pid == 0);
}

BOOST_FIXTURE_TEST_CASE(forgetting_a_command_keeps_its_earlier_runs, Runner) {
    BOOST_TEST_REQUIRE(start(0));
    runner.forget();
    BOOST_TEST(runner.pid() == 0);
    BOOST_TEST(!runner.has_command());
    BOOST_TEST(runner.last_run(CommandKind::start_pre, 0).pid > 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
