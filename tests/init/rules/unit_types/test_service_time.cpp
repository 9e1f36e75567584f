#include <signal.h>

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::seconds;
using test::ServiceScene;

BOOST_AUTO_TEST_SUITE(service_time_outs)

BOOST_AUTO_TEST_CASE(a_service_whose_start_takes_too_long_is_ended) {
    ServiceScene scene("Type=notify\nExecStart=/main\nTimeoutStartSec=5\n");
    scene.start();
    scene.pass(seconds(4));
    BOOST_TEST(scene.state() == "activating/start");
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    scene.kill("/main", SIGTERM);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "timeout");
    BOOST_TEST(scene.jobs.back() == "a.service start failed");
}

BOOST_AUTO_TEST_CASE(each_command_of_a_start_has_the_whole_timeout) {
    ServiceScene scene("ExecStartPre=/p1\nExecStartPre=/p2\nExecStart=/main\nTimeoutStartSec=5\n");
    scene.start();
    scene.pass(seconds(4));
    scene.exit("/p1");
    scene.pass(seconds(4));
    BOOST_TEST(scene.state() == "activating/start-pre");
    scene.exit("/p2");
    scene.pass(seconds(1000));
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(the_start_failure_mode_selects_the_signal) {
    ServiceScene aborted(
        "Type=notify\nExecStart=/main\nTimeoutStartSec=5\nTimeoutStartFailureMode=abort\n"
        "TimeoutAbortSec=3\n");
    aborted.start();
    aborted.pass(seconds(5));
    BOOST_TEST(aborted.state() == "deactivating/stop-watchdog");
    BOOST_TEST(aborted.world.sent("/main 6"));
    aborted.pass(seconds(3));
    BOOST_TEST(aborted.state() == "deactivating/stop-sigkill");
    aborted.kill("/main", SIGKILL);
    BOOST_TEST(aborted.result() == "timeout");
    ServiceScene killed(
        "Type=notify\nExecStart=/main\nTimeoutStartSec=5\nTimeoutStartFailureMode=kill\n");
    killed.start();
    killed.pass(seconds(5));
    BOOST_TEST(killed.state() == "deactivating/stop-sigkill");
}

BOOST_AUTO_TEST_CASE(the_stop_failure_mode_selects_the_signals) {
    ServiceScene aborted(
        "ExecStart=/main\nTimeoutStopSec=5\nTimeoutAbortSec=3\nTimeoutStopFailureMode=abort\n");
    aborted.start();
    aborted.stop();
    aborted.states();
    aborted.pass(seconds(8));
    BOOST_TEST(aborted.states() == "stop-watchdog stop-sigkill");
    ServiceScene killed(
        "ExecStart=/main\nExecStop=/stop\nTimeoutStopSec=5\nTimeoutStopFailureMode=kill\n");
    killed.start();
    killed.stop();
    killed.states();
    killed.pass(seconds(5));
    BOOST_TEST(killed.states() == "stop-sigkill");
}

BOOST_AUTO_TEST_CASE(the_stop_failure_mode_applies_to_exec_stop_post) {
    for (const auto& [mode, states] : std::initializer_list<std::pair<std::string, std::string>>{
             {"terminate", "final-sigterm final-sigkill failed"},
             {"abort", "final-watchdog final-sigkill failed"},
             {"kill", "final-sigkill failed"}}) {
        ServiceScene scene(
            "ExecStart=/main\nExecStopPost=/after\nTimeoutStopSec=5\n"
            "TimeoutStopFailureMode="
            + mode + "\n");
        scene.start();
        scene.stop();
        scene.exit("/main");
        scene.states();
        scene.pass(seconds(15));
        BOOST_TEST(scene.states() == states);
        BOOST_TEST(scene.result() == "timeout");
    }
}

BOOST_AUTO_TEST_CASE(a_stop_without_sigkill_still_ends) {
    for (const std::string mode : {"terminate", "abort", "kill"}) {
        ServiceScene scene(
            "ExecStart=/main\nExecStop=/stop\nExecStopPost=/after\nTimeoutStopSec=5\n"
            "SendSIGKILL=no\nTimeoutStopFailureMode="
            + mode + "\n");
        scene.start();
        scene.stop();
        scene.pass(seconds(60));
        BOOST_TEST(scene.state() == "failed/failed");
        BOOST_TEST(scene.result() == "timeout");
        BOOST_TEST(!scene.world.sent("/main 9"));
        BOOST_TEST(!scene.world.sent("/after 9"));
    }
}

BOOST_AUTO_TEST_CASE(the_time_of_runtime_max_counts_from_activation) {
    ServiceScene scene("ExecStart=/main\nExecReload=/reload\nExecStop=/stop\nRuntimeMaxSec=10\n");
    scene.start();
    scene.pass(seconds(6));
    scene.reload();
    scene.exit("/reload");
    BOOST_TEST(scene.state() == "active/running");
    scene.pass(seconds(3));
    BOOST_TEST(scene.state() == "active/running");
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "deactivating/stop");
    BOOST_TEST(scene.result() == "timeout");
}

BOOST_AUTO_TEST_CASE(each_invocation_has_its_own_random_extra_runtime) {
    std::set<std::uint64_t> moments;
    for (const std::string invocation : {"a", "b", "c", "d"}) {
        ServiceScene scene("ExecStart=/main\nRuntimeMaxSec=10\nRuntimeRandomizedExtraSec=5\n");
        scene.service().invocation_id = invocation;
        scene.start();
        const std::uint64_t moment = scene.service().deadline() - scene.world.clock;
        BOOST_TEST(moment >= 10'000'000U);
        BOOST_TEST(moment <= 15'000'000U);
        moments.insert(moment);
    }
    BOOST_TEST(moments.size() > 1U);
}

BOOST_AUTO_TEST_CASE(an_infinite_random_extra_time_does_not_shorten_runtime_max) {
    ServiceScene scene("ExecStart=/main\nRuntimeMaxSec=10\nRuntimeRandomizedExtraSec=infinity\n");
    scene.start();
    scene.pass(std::chrono::seconds(9));
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(a_changed_runtime_max_also_counts_from_activation) {
    ServiceScene scene("Type=notify\nExecStart=/main\nRuntimeMaxSec=100\n");
    scene.start();
    scene.say("READY=1");
    const std::uint64_t began = scene.world.clock;
    scene.pass(std::chrono::seconds(3));
    scene.add("a.service", "[Service]\nType=notify\nExecStart=/main\nRuntimeMaxSec=5\n");
    scene.engine.reload_files();
    BOOST_TEST(scene.service().deadline() == began + 5'000'000);
    scene.say("EXTEND_TIMEOUT_USEC=50000000");
    scene.engine.reload_files();
    BOOST_TEST(scene.service().deadline() == began + 53'000'000);
    // If there is no failure, reset-failed changes nothing.
    scene.engine.reset_failed(scene.service());
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(an_infinite_watchdog_timeout_disables_the_watchdog) {
    ServiceScene scene("Type=notify\nExecStart=/main\nWatchdogSec=infinity\n");
    scene.start();
    scene.say("READY=1\nWATCHDOG=1");
    BOOST_TEST(scene.service().deadline() == 0U);
}

BOOST_AUTO_TEST_CASE(a_service_may_request_more_time_in_each_state) {
    ServiceScene scene(
        "Type=notify\nNotifyAccess=all\nExecStart=/main\nTimeoutStartSec=5\nTimeoutStopSec=5\n"
        "RuntimeMaxSec=5\n");
    scene.start();
    scene.pass(seconds(4));
    scene.say("EXTEND_TIMEOUT_USEC=8000000");
    scene.pass(seconds(7));
    BOOST_TEST(scene.state() == "activating/start");
    scene.say("READY=1");
    scene.pass(seconds(4));
    scene.say("EXTEND_TIMEOUT_USEC=8000000");
    scene.pass(seconds(7));
    BOOST_TEST(scene.state() == "active/running");
    scene.stop();
    scene.pass(seconds(4));
    scene.say("EXTEND_TIMEOUT_USEC=8000000");
    scene.pass(seconds(7));
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "deactivating/stop-sigkill");
}

BOOST_AUTO_TEST_CASE(an_extension_never_shortens_or_adds_a_timeout) {
    ServiceScene limited("Type=notify\nExecStart=/main\nTimeoutStartSec=50\n");
    limited.start();
    const std::uint64_t deadline = limited.service().deadline();
    for (const char* const text : {"1", "0", "infinity", "18446744073709551615", "x", ""}) {
        limited.say(std::string("EXTEND_TIMEOUT_USEC=") + text);
        BOOST_TEST(limited.service().deadline() == deadline);
    }
    ServiceScene unlimited("Type=notify\nExecStart=/main\nTimeoutStartSec=infinity\n");
    unlimited.start();
    unlimited.say("EXTEND_TIMEOUT_USEC=1000");
    BOOST_TEST(unlimited.service().deadline() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(service_watchdog)

BOOST_AUTO_TEST_CASE(a_service_that_stops_pinging_is_aborted) {
    ServiceScene scene("ExecStart=/main\nExecStop=/stop\nWatchdogSec=10\nTimeoutAbortSec=3\n");
    scene.start();
    BOOST_TEST((scene.world.started.at("/main").watchdog == seconds(10)));
    BOOST_TEST(scene.service().watchdog_timestamp().monotonic == scene.world.clock);
    for (int ping = 0; ping < 5; ++ping) {
        scene.pass(seconds(9));
        scene.say("WATCHDOG=1");
    }
    scene.pass(seconds(10));
    BOOST_TEST(scene.state() == "deactivating/stop-watchdog");
    BOOST_TEST(scene.world.sent("/main 6"));
    BOOST_TEST(scene.service().watchdog_timestamp().monotonic == 0U);
    scene.pass(seconds(3));
    BOOST_TEST(scene.state() == "deactivating/stop-sigkill");
    scene.kill("/main", SIGKILL);
    BOOST_TEST(scene.result() == "watchdog");
}

BOOST_AUTO_TEST_CASE(the_watchdog_has_its_own_signal) {
    ServiceScene scene("ExecStart=/main\nWatchdogSec=10\nWatchdogSignal=SIGQUIT\n");
    scene.start();
    scene.pass(seconds(10));
    BOOST_TEST(scene.world.sent("/main 3"));
    scene.kill("/main", SIGQUIT, true);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "watchdog");
}

BOOST_AUTO_TEST_CASE(the_watchdog_starts_when_the_service_has_started) {
    ServiceScene scene("Type=notify\nExecStart=/main\nWatchdogSec=10\n");
    scene.start();
    scene.pass(seconds(60));
    BOOST_TEST(scene.state() == "activating/start");
    scene.say("READY=1");
    scene.pass(seconds(10));
    BOOST_TEST(scene.state() == "deactivating/stop-watchdog");
}

BOOST_AUTO_TEST_CASE(a_service_may_change_its_watchdog) {
    ServiceScene scene("ExecStart=/main\nNotifyAccess=main\n");
    scene.start();
    BOOST_TEST(scene.service().deadline() == 0U);
    scene.say("WATCHDOG_USEC=5000000");
    BOOST_TEST(scene.service().deadline() == scene.world.clock + 5'000'000);
    BOOST_TEST(scene.engine.next_deadline() == scene.world.clock + 5'000'000);
    scene.say("WATCHDOG_USEC=0");
    BOOST_TEST(scene.service().deadline() == 0U);
    scene.say("WATCHDOG_USEC=x");
    BOOST_TEST(scene.service().deadline() == 0U);
}

BOOST_AUTO_TEST_CASE(a_changed_watchdog_timeout_applies_only_to_the_current_run) {
    ServiceScene scene("ExecStart=/main\nWatchdogSec=10\n");
    scene.start();
    scene.say("WATCHDOG_USEC=99000000");
    scene.exit("/main");
    scene.start();
    BOOST_TEST(scene.service().deadline() == scene.world.clock + 10'000'000);
}

BOOST_AUTO_TEST_CASE(watchdog_trigger_aborts_the_service) {
    ServiceScene scene("ExecStart=/main\nNotifyAccess=main\n");
    scene.start();
    scene.say("WATCHDOG=trigger");
    BOOST_TEST(scene.state() == "deactivating/stop-watchdog");
    BOOST_TEST(scene.result() == "watchdog");
}

BOOST_AUTO_TEST_CASE(unknown_values_of_watchdog_in_messages_are_ignored) {
    ServiceScene scene("ExecStart=/main\nWatchdogSec=10\n");
    scene.start();
    scene.pass(seconds(5));
    scene.say("WATCHDOG=0");
    scene.say("WATCHDOG=yes");
    scene.pass(seconds(5));
    BOOST_TEST(scene.state() == "deactivating/stop-watchdog");
}

BOOST_AUTO_TEST_CASE(a_stopping_service_may_enable_the_watchdog) {
    ServiceScene scene("ExecStart=/main\nExecStopPost=/after\nWatchdogSec=10\nNotifyAccess=all\n");
    scene.start();
    scene.stop();
    scene.pass(seconds(60));
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    scene.say("WATCHDOG_USEC=1000000");
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "deactivating/stop-watchdog");
    scene.kill("/main", SIGABRT);
    scene.say("WATCHDOG=1", scene.world.find("/after"));
    scene.pass(seconds(60));
    BOOST_TEST(scene.state() == "deactivating/stop-post");
    scene.exit("/after");
    BOOST_TEST(scene.result() == "watchdog");
}

BOOST_AUTO_TEST_CASE(an_extension_postpones_the_watchdog) {
    ServiceScene scene("ExecStart=/main\nWatchdogSec=10\n");
    scene.start();
    scene.say("EXTEND_TIMEOUT_USEC=30000000");
    scene.pass(seconds(29));
    BOOST_TEST(scene.state() == "active/running");
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "deactivating/stop-watchdog");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit_types
