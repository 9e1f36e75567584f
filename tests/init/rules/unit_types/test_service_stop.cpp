#include <signal.h>

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::seconds;
using test::ServiceScene;

BOOST_AUTO_TEST_SUITE(service_stop)

BOOST_AUTO_TEST_CASE(a_stop_runs_exec_stop_then_sigterm_then_stop_post) {
    ServiceScene scene("ExecStart=/main\nExecStop=/stop\nExecStopPost=/after\n");
    scene.start();
    scene.states();
    scene.stop();
    BOOST_TEST(scene.state() == "deactivating/stop");
    BOOST_TEST(scene.has_variable("/stop", util::concat("MAINPID=", scene.service().main_pid())));
    BOOST_TEST(scene.has_variable("/stop", "SERVICE_RESULT=success"));
    scene.exit("/stop");
    BOOST_TEST(scene.world.sent("/main 15"));
    scene.kill("/main", SIGTERM);
    BOOST_TEST(scene.has_variable("/after", "EXIT_CODE=killed"));
    BOOST_TEST(scene.has_variable("/after", "EXIT_STATUS=TERM"));
    scene.exit("/after");
    BOOST_TEST(scene.states() == "stop stop-sigterm stop-post dead");
    BOOST_TEST(scene.result() == "success");
    BOOST_TEST(scene.service().main_pid() == 0);
    BOOST_TEST(scene.world.did("clean a.service"));
    BOOST_TEST(scene.world.did("release a.service"));
}

BOOST_AUTO_TEST_CASE(a_stop_without_commands_sends_sigterm_at_once) {
    ServiceScene scene("ExecStart=/main\n");
    scene.start();
    scene.stop();
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    BOOST_TEST(scene.service().deadline() == scene.world.clock + 90'000'000);
    scene.exit("/main");
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.service().deadline() == 0U);
}

BOOST_AUTO_TEST_CASE(exec_stop_runs_after_a_clean_exit_of_main) {
    ServiceScene scene("ExecStart=/main\nExecStop=/stop\n");
    scene.start();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "deactivating/stop");
    BOOST_TEST(scene.has_variable("/stop", "EXIT_STATUS=0"));
    BOOST_TEST(!scene.has_variable("/stop", "MAINPID=0"));
    scene.exit("/stop");
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(exec_stop_is_not_run_when_the_main_process_fails) {
    ServiceScene scene("ExecStart=/main\nExecStop=/stop\nExecStopPost=/after\n");
    scene.start();
    scene.exit("/main", 2);
    BOOST_TEST(scene.state() == "deactivating/stop-post");
    BOOST_TEST(scene.has_variable("/after", "SERVICE_RESULT=exit-code"));
    BOOST_TEST(scene.has_variable("/after", "EXIT_STATUS=2"));
    scene.exit("/after");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.runs() == "/main /after");
}

BOOST_AUTO_TEST_CASE(an_exec_stop_that_fails_makes_the_service_fail) {
    ServiceScene scene("ExecStart=/main\nExecStop=/one\nExecStop=/two\n");
    scene.start();
    scene.stop();
    scene.exit("/one", 1);
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    scene.kill("/main", SIGTERM);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "exit-code");
    BOOST_TEST(scene.runs() == "/main /one");
}

BOOST_AUTO_TEST_CASE(leftovers_are_ended_after_exec_stop_post) {
    ServiceScene scene("ExecStart=/main\nExecStopPost=/after\n");
    scene.start();
    scene.world.start("a.service", "child");
    scene.stop();
    BOOST_TEST(scene.world.sent("child 15"));
    scene.kill("/main", SIGTERM);
    scene.world.signals.clear();
    scene.exit("/after");
    BOOST_TEST(scene.state() == "deactivating/final-sigterm");
    BOOST_TEST(scene.world.sent("child 15"));
    scene.pass(seconds(90));
    BOOST_TEST(scene.state() == "deactivating/final-sigkill");
    BOOST_TEST(scene.world.sent("child 9"));
    scene.kill("child", SIGKILL);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "timeout");
}

BOOST_AUTO_TEST_CASE(a_stop_during_the_start_ends_the_running_command) {
    ServiceScene scene("ExecStartPre=/p\nExecStart=/main\nExecStop=/stop\nExecStopPost=/after\n");
    scene.start();
    scene.stop();
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    BOOST_TEST(scene.world.sent("/p 15"));
    scene.kill("/p", SIGTERM);
    scene.exit("/after");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "signal");
    BOOST_TEST(scene.runs() == "/p /after");
}

BOOST_AUTO_TEST_CASE(no_command_follows_a_terminated_command) {
    ServiceScene control("ExecStartPre=/p1\nExecStartPre=/p2\nExecStart=/main\n");
    control.start();
    control.stop();
    control.exit("/p1");
    BOOST_TEST(control.state() == "inactive/dead");
    BOOST_TEST(control.runs() == "/p1");
    ServiceScene main("Type=oneshot\nExecStart=/one\nExecStart=/two\n");
    main.start();
    main.stop();
    main.exit("/one");
    BOOST_TEST(main.state() == "inactive/dead");
    BOOST_TEST(main.runs() == "/one");
}

BOOST_AUTO_TEST_CASE(a_service_waits_for_a_main_process_that_survives_sigkill) {
    ServiceScene scene("ExecStart=/main\nExecStopPost=/after\nTimeoutStopSec=1\n");
    const auto stop = [&scene] {
        scene.start();
        scene.stop();
        scene.pass(std::chrono::seconds(2));
        BOOST_TEST(scene.state() == "deactivating/stop-post");
        scene.exit("/after");
        BOOST_TEST(scene.state() == "deactivating/stop-post");
    };
    stop();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "failed/failed");
    stop();
    scene.pass(std::chrono::seconds(1));
    BOOST_TEST(scene.state() == "deactivating/final-sigterm");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "timeout");
}

BOOST_AUTO_TEST_CASE(no_stop_post_command_follows_a_terminated_command) {
    ServiceScene scene("ExecStart=/main\nExecStopPost=/one\nExecStopPost=/two\nTimeoutStopSec=1\n");
    scene.start();
    scene.exit("/main");
    scene.pass(std::chrono::seconds(1));
    BOOST_TEST(scene.state() == "deactivating/final-sigterm");
    scene.exit("/one");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "timeout");
    BOOST_TEST(!scene.world.started.contains("/two"));
}

BOOST_AUTO_TEST_CASE(a_stop_signals_an_aborting_but_not_a_stopping_service) {
    ServiceScene scene("Type=notify\nExecStart=/main\n");
    scene.start();
    scene.say("READY=1");
    scene.say("WATCHDOG=trigger");
    BOOST_TEST(scene.state() == "deactivating/stop-watchdog");
    scene.stop();
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    BOOST_TEST((scene.world.signals == std::vector<std::string>{"/main 6", "/main 15"}));
    ServiceScene other("Type=notify\nExecStart=/main\n");
    other.start();
    other.say("READY=1");
    other.say("STOPPING=1");
    other.stop();
    BOOST_TEST(other.world.signals.empty());
    other.exit("/main");
    BOOST_TEST(other.jobs.back() == "a.service stop done");
}

BOOST_AUTO_TEST_CASE(a_service_with_a_stop_job_is_not_restarted) {
    ServiceScene scene("ExecStart=/main\nRestart=always\nRestartSec=1\n");
    scene.add("b.service", "[Service]\nExecStart=/slow\n", "After=a.service\n");
    Service& slow = scene.get<Service>("b.service");
    scene.start();
    scene.do_job(manager::JobType::start, slow);
    scene.do_job(manager::JobType::stop, slow);
    scene.exit("/main");
    BOOST_TEST(scene.state() == "activating/auto-restart");
    scene.stop();
    scene.pass(std::chrono::seconds(2));
    BOOST_TEST(scene.state() == "activating/auto-restart");
    scene.exit("/slow");
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(kill_mode_mixed_terminates_main_and_kills_other_processes) {
    ServiceScene scene("ExecStart=/main\nKillMode=mixed\n");
    scene.start();
    scene.world.start("a.service", "child");
    scene.stop();
    BOOST_TEST(scene.world.sent("/main 15"));
    BOOST_TEST(!scene.world.sent("child 15"));
    scene.kill("/main", SIGTERM);
    BOOST_TEST(scene.state() == "deactivating/final-sigkill");
    BOOST_TEST(scene.world.sent("child 9"));
    scene.kill("child", SIGKILL);
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(kill_mode_process_leaves_other_processes_alive) {
    ServiceScene scene("ExecStart=/main\nKillMode=process\n");
    scene.start();
    scene.world.start("a.service", "child");
    scene.stop();
    scene.kill("/main", SIGTERM);
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.world.find("child") != 0);
    BOOST_TEST(scene.world.said.back()
               == "leaving processes of the unit running after the stop, because of KillMode=.");
}

BOOST_AUTO_TEST_CASE(a_stop_that_leaves_no_process_is_silent) {
    ServiceScene scene("ExecStart=/main\nKillMode=process\n");
    scene.start();
    scene.stop();
    scene.kill("/main", SIGTERM);
    BOOST_TEST(scene.state() == "inactive/dead");
    for (const std::string& text : scene.world.said)
        BOOST_TEST(text.find("still running") == text.npos, text);
}

BOOST_AUTO_TEST_CASE(kill_mode_none_signals_no_process) {
    ServiceScene scene("ExecStart=/main\nKillMode=none\n");
    scene.start();
    scene.stop();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.world.signals.empty());
}

BOOST_AUTO_TEST_CASE(the_settings_of_a_unit_name_its_stop_signals) {
    ServiceScene scene(
        "ExecStart=/main\nKillSignal=SIGINT\nFinalKillSignal=SIGQUIT\nSendSIGHUP=yes\n"
        "TimeoutStopSec=5\n");
    scene.start();
    scene.stop();
    BOOST_TEST(scene.world.sent(util::concat("/main ", SIGINT)));
    BOOST_TEST(scene.world.sent(util::concat("/main ", SIGHUP)));
    scene.pass(seconds(5));
    BOOST_TEST(scene.world.sent(util::concat("/main ", SIGQUIT)));
    BOOST_TEST(scene.world.signals.size() == 3U);
}

BOOST_AUTO_TEST_CASE(sighup_is_also_sent_unless_it_is_the_stop_signal) {
    const auto signals = [](const std::string& signal) {
        ServiceScene scene("ExecStart=/main\nSendSIGHUP=yes\nKillSignal=" + signal + "\n");
        scene.start();
        scene.stop();
        return scene.world.signals;
    };
    using Signals = std::vector<std::string>;
    BOOST_TEST((signals("SIGTERM") == Signals{"/main 15", "/main 1"}));
    BOOST_TEST((signals("SIGHUP") == Signals{"/main 1"}));
}

BOOST_AUTO_TEST_CASE(the_restart_of_a_service_may_have_its_own_signal) {
    ServiceScene scene("ExecStart=/main\nRestartKillSignal=SIGUSR2\n");
    scene.start();
    scene.restart();
    BOOST_TEST(scene.world.sent(util::concat("/main ", SIGUSR2)));
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/running");
    scene.stop();
    BOOST_TEST(scene.world.sent(util::concat("/main ", SIGTERM)));
}

BOOST_AUTO_TEST_CASE(a_process_that_survives_sigkill_is_left_behind) {
    ServiceScene scene("ExecStart=/main\nExecStopPost=/after\nTimeoutStopSec=5\n");
    scene.start();
    scene.stop();
    scene.states();
    scene.pass(seconds(10));
    BOOST_TEST(scene.states() == "stop-sigkill stop-post");
    // The service still waits for its main process.
    scene.exit("/after");
    BOOST_TEST(scene.state() == "deactivating/stop-post");
    scene.pass(seconds(15));
    BOOST_TEST(scene.states() == "final-sigterm final-sigkill failed");
    BOOST_TEST(scene.result() == "timeout");
    BOOST_TEST(scene.service().main_pid() == 0);
}

BOOST_AUTO_TEST_CASE(stopping_an_inactive_service_does_nothing) {
    ServiceScene scene("ExecStart=/main\n");
    BOOST_TEST((scene.service().stop() == manager::Verdict::already));
    scene.start();
    scene.stop();
    BOOST_TEST((scene.service().stop() == manager::Verdict::begun));
    BOOST_TEST(scene.world.signals.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_exec_stop_post_that_fails_makes_the_service_fail) {
    ServiceScene scene("ExecStart=/main\nExecStopPost=/after\n");
    scene.start();
    scene.stop();
    scene.exit("/main");
    scene.exit("/after", 4);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "exit-code");
}

BOOST_AUTO_TEST_CASE(a_failed_fork_of_stop_commands_does_not_delay_a_stop) {
    ServiceScene scene("ExecStart=/main\nExecStop=/stop\nExecStopPost=/after\n");
    scene.world.impossible = {"/stop", "/after"};
    scene.start();
    scene.stop();
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    scene.kill("/main", SIGTERM);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
}

BOOST_AUTO_TEST_CASE(reset_failed_forgets_the_failure_of_a_service) {
    ServiceScene scene("ExecStart=/main\n");
    scene.start();
    scene.exit("/main", 2);
    BOOST_TEST(scene.service().exit_status().value() == 2);
    scene.service().reset_failed();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.result() == "success");
    BOOST_TEST(scene.service().exec_main().number() == 2);
}

BOOST_AUTO_TEST_CASE(failure_action_returns_255_after_a_signal) {
    ServiceScene scene("ExecStart=/main\n");
    BOOST_TEST(!scene.service().exit_status().has_value());
    scene.start();
    BOOST_TEST(!scene.service().exit_status().has_value());
    scene.kill("/main", SIGSEGV);
    BOOST_TEST(scene.service().exit_status().value() == 255);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit_types
