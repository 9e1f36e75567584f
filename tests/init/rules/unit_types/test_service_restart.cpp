#include <signal.h>

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::ServiceScene;

constexpr const char* limited = "StartLimitIntervalSec=10\nStartLimitBurst=1\n";

BOOST_AUTO_TEST_SUITE(service_restart)

BOOST_AUTO_TEST_CASE(a_restarting_service_passes_through_failed_and_then_waits) {
    ServiceScene scene("ExecStart=/main\nRestart=on-failure\nRestartSec=3\n");
    scene.start();
    scene.states();
    scene.exit("/main", 1);
    BOOST_TEST(scene.states() == "failed auto-restart");
    BOOST_TEST(scene.state() == "activating/auto-restart");
    BOOST_TEST(scene.result() == "exit-code");
    // As in systemd 257, OnFailure= also starts units before a restart.
    BOOST_TEST(scene.is_handled());
    BOOST_TEST(scene.service().restarts() == 0U);
    BOOST_TEST(scene.world.did("tidy a.service"));
    BOOST_TEST(!scene.world.did("release a.service"));
    scene.pass(seconds(2));
    BOOST_TEST(scene.state() == "activating/auto-restart");
    scene.pass(seconds(1));
    BOOST_TEST(scene.states() == "dead running");
    BOOST_TEST(scene.service().restarts() == 1U);
    BOOST_TEST(scene.result() == "success");
}

BOOST_AUTO_TEST_CASE(restarts_of_a_service_are_counted_until_a_manual_start) {
    ServiceScene scene("ExecStart=/main\nRestart=always\n");
    scene.start();
    for (unsigned count = 1; count <= 3; ++count) {
        scene.exit("/main");
        scene.pass(seconds(1));
        BOOST_TEST(scene.service().restarts() == count);
    }
    scene.stop();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.service().restarts() == 3U);
    scene.start();
    BOOST_TEST(scene.service().restarts() == 0U);
}

BOOST_AUTO_TEST_CASE(a_stopped_service_is_not_restarted) {
    ServiceScene scene("ExecStart=/main\nRestart=always\n");
    scene.start();
    scene.stop();
    scene.kill("/main", SIGKILL);
    BOOST_TEST(scene.state() == "failed/failed");
    scene.pass(seconds(10));
    BOOST_TEST(scene.state() == "failed/failed");
}

BOOST_AUTO_TEST_CASE(a_waiting_stop_job_prevents_a_restart) {
    ServiceScene scene("ExecStart=/main\nRestart=always\n");
    scene.start();
    scene.engine.enqueue(manager::JobType::stop, scene.service(), unit::JobMode::replace);
    scene.exit("/main", 1);
    BOOST_TEST(scene.state() == "failed/failed");
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_wait_for_a_restart) {
    ServiceScene scene("ExecStart=/main\nRestart=always\n");
    scene.start();
    scene.exit("/main", 1);
    scene.stop();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.service().deadline() == 0U);
    BOOST_TEST(scene.world.did("release a.service"));
    scene.pass(seconds(10));
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(a_manual_restart_starts_the_service_at_once) {
    ServiceScene scene("ExecStart=/main\nRestart=always\nRestartSec=3\n");
    scene.start();
    scene.exit("/main", 1);
    scene.restart();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(!scene.world.did("release a.service"));
}

BOOST_AUTO_TEST_CASE(restart_steps_lengthen_the_wait_before_each_restart) {
    ServiceScene scene(
        "ExecStart=/main\nRestart=always\nRestartSec=1\nRestartSteps=2\nRestartMaxDelaySec=4\n");
    scene.start();
    for (const int delay : {1, 2, 4, 4}) {
        scene.exit("/main");
        BOOST_TEST(scene.service().deadline()
                   == scene.world.clock + static_cast<unsigned>(delay) * 1'000'000U);
        scene.pass(seconds(delay));
        BOOST_TEST(scene.state() == "active/running");
    }
}

BOOST_AUTO_TEST_CASE(a_direct_restart_is_never_shown_as_inactive) {
    ServiceScene scene(
        "ExecStart=/main\nExecStopPost=/after\nRestart=always\nRestartMode=direct\n");
    scene.start();
    scene.exit("/main", 1);
    scene.states();
    scene.exit("/after");
    BOOST_TEST(scene.state() == "activating/auto-restart");
    scene.pass(seconds(1));
    BOOST_TEST(scene.states() == "auto-restart running");
    BOOST_TEST(scene.service().restarts() == 1U);
    BOOST_TEST(!scene.is_handled());
}

BOOST_AUTO_TEST_CASE(a_start_does_not_wait_for_the_rest_of_the_restart_delay) {
    for (const char* const mode : {"normal", "direct"}) {
        ServiceScene scene(util::concat(
            "ExecStart=/main\nRestart=always\nRestartSec=1h\nRestartMode=", mode, '\n'));
        scene.start();
        scene.exit("/main");
        BOOST_TEST(scene.state() == "activating/auto-restart");
        scene.start();
        scene.pass(milliseconds(1));
        BOOST_TEST(scene.state() == "active/running");
        BOOST_TEST(scene.service().restarts() == 1U);
        BOOST_TEST(!scene.service().job);
    }
}

BOOST_AUTO_TEST_CASE(a_restart_in_debug_mode_sets_the_variable_debug_invocation) {
    ServiceScene scene("ExecStart=/main\nRestart=on-failure\nRestartMode=debug\n");
    scene.start();
    BOOST_TEST(!scene.has_variable("/main", "DEBUG_INVOCATION=1"));
    scene.exit("/main", 1);
    BOOST_TEST(scene.states() == "running failed auto-restart");
    scene.pass(seconds(1));
    BOOST_TEST(scene.has_variable("/main", "DEBUG_INVOCATION=1"));
    scene.stop();
    scene.kill("/main", SIGTERM);
    scene.start();
    BOOST_TEST(!scene.has_variable("/main", "DEBUG_INVOCATION=1"));
}

BOOST_AUTO_TEST_CASE(a_service_that_is_started_too_often_fails) {
    ServiceScene scene("ExecStart=/main\nRestart=always\n", limited);
    scene.start();
    scene.exit("/main");
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "start-limit-hit");
    BOOST_TEST(scene.service().start_limit_hit);
    BOOST_TEST(scene.is_handled());
    BOOST_TEST(scene.world.did("release a.service"));
    BOOST_TEST(scene.service().deadline() == 0U);
}

BOOST_AUTO_TEST_CASE(the_last_failure_is_the_result_at_the_start_limit) {
    ServiceScene scene("ExecStart=/main\nRestart=always\n", limited);
    scene.start();
    scene.exit("/main", 1);
    scene.pass(seconds(1));
    BOOST_TEST(scene.result() == "exit-code");
    BOOST_TEST(scene.state() == "failed/failed");
}

BOOST_AUTO_TEST_CASE(direct_restarts_that_are_too_frequent_also_fail) {
    ServiceScene scene("ExecStart=/main\nRestart=always\nRestartMode=direct\n", limited);
    scene.start();
    scene.exit("/main", 1);
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "failed/failed");
}

BOOST_AUTO_TEST_CASE(a_restart_without_a_job_is_a_failure) {
    ServiceScene scene("ExecStart=/main\nRestart=always\n");
    scene.start();
    scene.exit("/main");
    scene.remove("a.service");
    scene.engine.reload_files();
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
    BOOST_TEST(scene.service().restarts() == 0U);
}

BOOST_AUTO_TEST_CASE(exit_statuses_may_force_or_prevent_a_restart) {
    ServiceScene scene(
        "ExecStart=/main\nRestart=on-failure\nRestartForceExitStatus=0\n"
        "RestartPreventExitStatus=3 SIGKILL\n");
    scene.start();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "activating/auto-restart");
    scene.pass(milliseconds(100));
    scene.exit("/main", 3);
    BOOST_TEST(scene.state() == "failed/failed");
    scene.start();
    scene.kill("/main", SIGKILL);
    BOOST_TEST(scene.state() == "failed/failed");
}

BOOST_AUTO_TEST_CASE(a_service_whose_start_fails_is_also_restarted) {
    ServiceScene scene("ExecStartPre=/p\nExecStart=/main\nRestart=on-failure\n");
    scene.start();
    scene.exit("/p", 1);
    BOOST_TEST(scene.state() == "activating/auto-restart");
    BOOST_TEST(scene.jobs.back() == "a.service start failed");
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "activating/start-pre");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit_types
