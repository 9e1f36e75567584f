#include "init/rules/unit_types/command_runner.hpp"
#include "socket_scene.hpp"

/// Reloads the files of a unit while one of its commands runs.
namespace notifybridge::unit_types {
namespace {

struct ReloadedService : test::ServiceScene {
    using ServiceScene::ServiceScene;

    void read_again(const std::string& text) {
        add("a.service", "[Service]\n" + text);
        engine.reload_files();
    }
};

struct ReloadedSocket : test::SocketScene {
    using SocketScene::SocketScene;

    void read_again(const std::string& text) {
        add("a.socket", "[Socket]\nListenStream=80\n" + text);
        engine.reload_files();
        world.runs.clear();
    }
};

unit::Commands list(std::initializer_list<std::vector<std::string>> lines) {
    unit::Commands commands;
    for (const std::vector<std::string>& argv : lines) {
        unit::Command command;
        command.path = argv.front();
        command.argv = argv;
        commands.push_back(command);
    }
    return commands;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reloaded_commands)

BOOST_AUTO_TEST_CASE(a_reload_finds_a_command_by_position_or_first_match) {
    const unit::Commands before = list({{"/a"}, {"/b", "x"}, {"/c"}});
    using Place = std::optional<std::size_t>;
    BOOST_TEST((find_again(before, 1, before) == Place(1)));
    BOOST_TEST((find_again(before, 1, list({{"/b", "x"}, {"/a"}, {"/b", "x"}})) == Place(0)));
    BOOST_TEST((find_again(before, 1, list({{"/b", "x"}, {"/b", "x"}})) == Place(1)));
    BOOST_TEST((find_again(before, 2, list({{"/c"}, {"/c"}})) == Place(0)));
    BOOST_TEST((find_again(before, 1, list({{"/a"}, {"/b"}, {"/b", "y"}})) == Place()));
    BOOST_TEST((find_again(before, 0, {}) == Place()));
    // "@" changes the name of the command, but the program is the same.
    unit::Commands named = before;
    named[1].argv[0] = "b";
    BOOST_TEST((find_again(before, 1, named) == Place()));
    named = before;
    named[1].path = "/other";
    BOOST_TEST((find_again(before, 1, named) == Place()));
    // Prefixes only change how the program runs.
    named = before;
    named[1].ignores_failure = true;
    BOOST_TEST((find_again(before, 1, named) == Place(1)));
}

BOOST_AUTO_TEST_CASE(an_inserted_line_causes_no_command_to_run_twice) {
    ReloadedService scene("Type=oneshot\nExecStart=/one\nExecStart=/two\n");
    scene.start();
    scene.read_again("Type=oneshot\nExecStart=/zero\nExecStart=/one\nExecStart=/two\n");
    scene.exit("/one");
    BOOST_TEST(scene.runs() == "/one /two");
    scene.exit("/two");
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(a_removed_line_causes_no_other_command_to_be_skipped) {
    ReloadedService scene(
        "ExecStartPre=/zero\nExecStartPre=/one\nExecStartPre=/two\nExecStart=/m\n");
    scene.start();
    scene.exit("/zero");
    scene.read_again("ExecStartPre=/one\nExecStartPre=/two\nExecStart=/m\n");
    scene.exit("/one");
    BOOST_TEST(scene.state() == "activating/start-pre");
    scene.exit("/two");
    BOOST_TEST(scene.runs() == "/zero /one /two /m");
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(a_list_of_commands_ends_if_the_running_command_was_removed) {
    ReloadedService main("Type=oneshot\nRemainAfterExit=yes\nExecStart=/one\nExecStart=/two\n");
    main.start();
    main.read_again("Type=oneshot\nRemainAfterExit=yes\nExecStart=/other\nExecStart=/two\n");
    main.exit("/one");
    BOOST_TEST(main.runs() == "/one");
    BOOST_TEST(main.state() == "active/exited");
    ReloadedService before("ExecStartPre=/one\nExecStartPre=/two\nExecStart=/m\n");
    before.start();
    before.read_again("ExecStart=/m\n");
    before.exit("/one");
    BOOST_TEST(before.runs() == "/one /m");
    BOOST_TEST(before.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(the_reloaded_files_decide_whether_a_failure_counts) {
    ReloadedService ignored("Type=oneshot\nExecStart=/one\nExecStart=/two\n");
    ignored.start();
    ignored.read_again("Type=oneshot\nExecStart=/zero\nExecStart=-/one\nExecStart=/two\n");
    ignored.exit("/one", 1);
    BOOST_TEST(ignored.runs() == "/one /two");
    ReloadedService gone("ExecStartPre=-/one\nExecStart=/m\n");
    gone.start();
    gone.read_again("ExecStart=/m\n");
    gone.exit("/one", 1);
    BOOST_TEST(gone.state() == "failed/failed");
}

BOOST_AUTO_TEST_CASE(unit_files_can_be_reloaded_repeatedly_during_a_command) {
    ReloadedService scene("Type=oneshot\nExecStart=/one\nExecStart=/two\n");
    scene.start();
    scene.read_again("Type=oneshot\nExecStart=/x\nExecStart=/y\nExecStart=/one\nExecStart=/two\n");
    scene.read_again("Type=oneshot\nExecStart=/y\nExecStart=/one\nExecStart=/two\n");
    scene.exit("/one");
    BOOST_TEST(scene.runs() == "/one /two");
    // After a reload has removed the running command, later files cannot restore the command.
    scene.read_again("Type=oneshot\nExecStart=/one\n");
    scene.read_again("Type=oneshot\nExecStart=/one\nExecStart=/two\nExecStart=/three\n");
    scene.exit("/two");
    BOOST_TEST(scene.runs().empty());
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(runs_of_an_old_command_list_are_not_shown_for_a_new_list) {
    ReloadedService scene("ExecStartPre=/zero\nExecStartPre=/one\nExecStart=/m\n");
    scene.start();
    scene.exit("/zero");
    const pid_t pid = scene.service().control_pid();
    scene.read_again("ExecStartPre=/one\nExecStart=/m\n");
    BOOST_TEST(scene.service().exec_status(CommandKind::start_pre, 0).pid == 0);
    scene.exit("/one");
    const ExecStatus run = scene.service().exec_status(CommandKind::start_pre, 0);
    BOOST_TEST(run.pid == pid);
    BOOST_TEST(run.has_ended);
    BOOST_TEST(run.start.monotonic == 0U);
}

BOOST_AUTO_TEST_CASE(commands_of_a_socket_also_continue_after_a_reload) {
    ReloadedSocket scene("ExecStartPre=/one\nExecStartPre=/two\n");
    scene.start();
    scene.read_again("ExecStartPre=/zero\nExecStartPre=/one\nExecStartPre=/two\n");
    scene.exit("/one");
    BOOST_TEST(scene.world.runs == std::vector<std::string>{"/two"},
               boost::test_tools::per_element());
    scene.exit("/two");
    BOOST_TEST(scene.state() == "active/listening");
    ReloadedSocket gone("ExecStartPre=-/one\nExecStartPre=/two\n");
    gone.start();
    gone.read_again("ExecStartPre=/two\n");
    gone.exit("/one");
    BOOST_TEST(gone.world.runs.empty());
    BOOST_TEST(gone.state() == "active/listening");
    ReloadedSocket failed("ExecStartPre=-/one\n");
    failed.start();
    failed.read_again("");
    failed.exit("/one", 1);
    BOOST_TEST(failed.state() == "failed/failed");
    BOOST_TEST(failed.result() == "exit-code");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
