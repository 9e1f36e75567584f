#include <signal.h>

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using test::ServiceScene;

BOOST_AUTO_TEST_SUITE(service_start)

BOOST_AUTO_TEST_CASE(a_simple_service_is_active_once_its_process_exists) {
    ServiceScene scene("ExecStart=/main\n");
    scene.start();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.states() == "running");
    BOOST_TEST(scene.service().main_pid() == scene.world.find("/main"));
    BOOST_TEST(scene.service().exec_main().pid == scene.service().main_pid());
    BOOST_TEST(scene.service().exec_main().start.monotonic == scene.world.clock);
    BOOST_TEST(scene.service().deadline() == 0U);
    BOOST_TEST(!scene.world.started.at("/main").is_control);
    BOOST_TEST(scene.world.started.at("/main").passes_fds);
    BOOST_TEST(scene.jobs.back() == "a.service start done");
}

BOOST_AUTO_TEST_CASE(all_command_lists_of_a_service_run_in_order) {
    ServiceScene scene(
        "ExecCondition=/c1\nExecCondition=/c2\nExecStartPre=/p1\nExecStartPre=/p2\n"
        "ExecStart=/main\nExecStartPost=/q1\nExecStartPost=/q2\n");
    scene.start();
    for (const auto& [program, state] :
         std::initializer_list<std::pair<const char*, const char*>>{{"/c1", "condition"},
                                                                    {"/c2", "condition"},
                                                                    {"/p1", "start-pre"},
                                                                    {"/p2", "start-pre"},
                                                                    {"/q1", "start-post"},
                                                                    {"/q2", "start-post"}}) {
        BOOST_TEST(scene.service().sub_state() == state);
        BOOST_TEST(scene.service().control_pid() == scene.world.find(program));
        BOOST_TEST((scene.service().active_state() == manager::ActiveState::activating));
        BOOST_TEST(scene.service().deadline() == scene.world.clock + 90'000'000);
        BOOST_TEST(scene.world.started.at(program).is_control);
        BOOST_TEST(!scene.world.started.at(program).passes_fds);
        scene.exit(program);
    }
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.runs() == "/c1 /c2 /p1 /p2 /main /q1 /q2");
    BOOST_TEST(scene.service().condition_result);
    BOOST_TEST(scene.service().exec_status(CommandKind::start_pre, 1).has_ended);
    BOOST_TEST(!scene.service().exec_status(CommandKind::start_pre, 2).has_ended);
}

BOOST_AUTO_TEST_CASE(a_failed_exec_start_pre_ends_the_list_and_the_start) {
    ServiceScene scene(
        "ExecStartPre=/p1\nExecStartPre=/p2\nExecStart=/main\nExecStop=/stop\n"
        "ExecStopPost=/after\n");
    scene.start();
    scene.exit("/p1", 3);
    // ExecStop= only runs after a successful start. ExecStopPost= always runs.
    BOOST_TEST(scene.state() == "deactivating/stop-post");
    BOOST_TEST(scene.has_variable("/after", "SERVICE_RESULT=exit-code"));
    BOOST_TEST(!scene.has_variable("/after", "EXIT_CODE=exited"));
    scene.exit("/after");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "exit-code");
    BOOST_TEST(scene.runs() == "/p1 /after");
    BOOST_TEST(scene.jobs.back() == "a.service start failed");
    BOOST_TEST(scene.is_handled());
}

BOOST_AUTO_TEST_CASE(an_ignored_failure_does_not_end_a_list_of_commands) {
    ServiceScene scene("ExecStartPre=-/p1\nExecStartPre=-/p2\nExecStart=/main\n");
    scene.start();
    scene.exit("/p1", 3);
    scene.kill("/p2", SIGSEGV, true);
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.result() == "success");
    BOOST_TEST(scene.service().exec_status(CommandKind::start_pre, 0).number() == 3);
}

BOOST_AUTO_TEST_CASE(exec_condition_skips_the_start_with_status_1_to_254) {
    for (const int code : {1, 254}) {
        ServiceScene scene("ExecCondition=/c\nExecStart=/main\nRestart=always\n");
        scene.start();
        scene.exit("/c", code);
        BOOST_TEST(scene.state() == "inactive/dead");
        BOOST_TEST(scene.result() == "exec-condition");
        BOOST_TEST(!scene.service().condition_result);
        BOOST_TEST(!scene.is_handled());
        BOOST_TEST(scene.runs() == "/c");
    }
}

BOOST_AUTO_TEST_CASE(exec_condition_fails_with_status_255_or_a_signal) {
    ServiceScene by_status("ExecCondition=/c\nExecStart=/main\n");
    by_status.start();
    by_status.exit("/c", 255);
    BOOST_TEST(by_status.state() == "failed/failed");
    BOOST_TEST(by_status.result() == "exit-code");
    ServiceScene by_signal("ExecCondition=/c\nExecStart=/main\n");
    by_signal.start();
    by_signal.kill("/c", SIGTERM);
    BOOST_TEST(by_signal.state() == "failed/failed");
    BOOST_TEST(by_signal.result() == "signal");
}

BOOST_AUTO_TEST_CASE(a_failed_fork_fails_a_service_with_the_result_resources) {
    for (const std::string program : {"/c", "/p", "/main", "/q"}) {
        ServiceScene scene(
            "ExecCondition=/c\nExecStartPre=/p\nExecStart=/main\nExecStartPost=/q\n");
        scene.world.impossible.insert(program);
        scene.start();
        for (const std::string before : {"/c", "/p"})
            if (scene.world.find(before))
                scene.exit(before);
        if (scene.world.find("/main")) {
            BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
            scene.kill("/main", SIGTERM);
        }
        BOOST_TEST(scene.state() == "failed/failed", program);
        BOOST_TEST(scene.result() == "resources", program);
    }
}

BOOST_AUTO_TEST_CASE(a_failed_fork_of_a_second_control_process_fails_a_service) {
    for (const std::string directive :
         {"ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost"}) {
        ServiceScene scene("ExecStart=/main\n" + directive + "=/one\n" + directive + "=/two\n");
        scene.world.impossible.insert("/two");
        scene.start();
        if (!scene.world.find("/one"))
            scene.stop();
        if (!scene.world.find("/one"))
            scene.exit("/main");
        scene.exit("/one");
        if (scene.world.find("/main"))
            scene.exit("/main");
        BOOST_TEST(scene.state() == "failed/failed", directive);
        BOOST_TEST(scene.result() == "resources", directive);
    }
}

BOOST_AUTO_TEST_CASE(a_failed_fork_of_a_second_command_fails_a_service) {
    ServiceScene scene("Type=oneshot\nExecStart=/one\nExecStart=/two\nExecStop=/stop\n");
    scene.world.impossible.insert("/two");
    scene.start();
    scene.exit("/one");
    BOOST_TEST(scene.state() == "deactivating/stop");
    scene.exit("/stop");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
}

BOOST_AUTO_TEST_CASE(a_missing_program_fails_an_exec_service_at_once) {
    ServiceScene exec("Type=exec\nExecStart=/main\n");
    exec.world.missing.insert("/main");
    exec.start();
    BOOST_TEST(exec.state() == "activating/start");
    exec.exit("/main", 203);
    BOOST_TEST(exec.state() == "failed/failed");
    BOOST_TEST(exec.jobs.back() == "a.service start failed");
    ServiceScene simple("ExecStart=/main\n");
    simple.world.missing.insert("/main");
    simple.start();
    BOOST_TEST(simple.jobs.back() == "a.service start done");
    simple.exit("/main", 203);
    BOOST_TEST(simple.state() == "failed/failed");
    BOOST_TEST(simple.result() == "exit-code");
}

BOOST_AUTO_TEST_CASE(an_exec_service_is_active_once_its_program_is_executed) {
    ServiceScene scene("Type=exec\nExecStart=/main\n");
    scene.start();
    BOOST_TEST(scene.states() == "start running");
}

BOOST_AUTO_TEST_CASE(an_exec_service_waits_for_a_process_that_prepares_itself) {
    ServiceScene scene("Type=exec\nExecStart=/main\n");
    scene.world.pending.insert("/main");
    scene.start();
    BOOST_TEST(scene.state() == "activating/start");
    scene.service().process_executed(scene.world.find("/main") + 1);
    BOOST_TEST(scene.state() == "activating/start");
    scene.service().process_executed(scene.world.find("/main"));
    BOOST_TEST(scene.state() == "active/running");
    scene.service().process_executed(scene.world.find("/main"));
    BOOST_TEST(scene.states() == "start running");
    ServiceScene failing("Type=exec\nExecStart=/main\n");
    failing.world.pending.insert("/main");
    failing.start();
    failing.exit("/main", 203);
    BOOST_TEST(failing.state() == "failed/failed");
    BOOST_TEST(failing.result() == "exit-code");
    BOOST_TEST(failing.jobs.back() == "a.service start failed");
}

BOOST_AUTO_TEST_CASE(only_an_exec_service_waits_for_its_program) {
    for (const char* const type : {"simple", "oneshot", "notify"}) {
        ServiceScene waiting(util::concat("Type=", type, "\nExecStart=/main\n"));
        waiting.world.pending.insert("/main");
        waiting.start();
        const std::string before = waiting.state();
        waiting.service().process_executed(waiting.world.find("/main"));
        BOOST_TEST(waiting.state() == before, type);
    }
}

BOOST_AUTO_TEST_CASE(a_failed_fork_that_is_reported_late_fails_a_service) {
    for (const char* const program : {"/pre", "/main", "/post"}) {
        ServiceScene scene(
            "Type=oneshot\nExecStartPre=-/pre\nExecStart=-/main\nExecStartPost=-/post\n");
        scene.start();
        for (const char* const before : {"/pre", "/main"})
            if (before != std::string(program) && scene.world.find(before))
                scene.exit(before);
        BOOST_REQUIRE(scene.world.find(program));
        scene.service().process_refused(scene.world.find(program));
        scene.exit(program, 125);
        BOOST_TEST(scene.state() == "failed/failed", program);
        BOOST_TEST(scene.result() == "resources", program);
    }
}

BOOST_AUTO_TEST_CASE(a_dbus_service_is_active_as_long_as_it_has_its_name) {
    test::Scene scene;
    scene.add("dbus.socket", "[Socket]\nListenStream=/run/bus\n");
    scene.add("dbus.service", "[Service]\nExecStart=/bus\n");
    scene.add("a.service", "[Service]\nType=dbus\nBusName=org.example.A\nExecStart=/main\n");
    auto& service = scene.get<Service>("a.service");
    scene.do_job(manager::JobType::start, service);
    std::vector<std::string> expected = {"dbus.socket listening", "a.service start"};
    BOOST_TEST((scene.history == expected));
    service.bus_name_changed(false);
    BOOST_TEST((scene.history == expected));
    service.bus_name_changed(true);
    expected.emplace_back("a.service running");
    BOOST_TEST((scene.history == expected));
    service.bus_name_changed(true);
    BOOST_TEST((scene.history == expected));
    service.bus_name_changed(false);
    expected.emplace_back("a.service stop-sigterm");
    BOOST_TEST((scene.history == expected));
}

BOOST_AUTO_TEST_CASE(only_the_main_process_of_an_idle_service_waits_for_jobs) {
    ServiceScene scene("Type=idle\nExecStartPre=/p\nExecStart=/main\n");
    scene.start();
    scene.exit("/p");
    BOOST_TEST(!scene.world.started.at("/p").is_idle);
    BOOST_TEST(scene.world.started.at("/main").is_idle);
    ServiceScene simple("Type=simple\nExecStart=/main\n");
    simple.start();
    BOOST_TEST(!simple.world.started.at("/main").is_idle);
}

BOOST_AUTO_TEST_CASE(an_idle_service_counts_as_active_while_it_starts) {
    ServiceScene scene("Type=idle\nExecStartPre=/p\nExecStart=/main\n");
    scene.start();
    BOOST_TEST(scene.state() == "active/start-pre");
    BOOST_TEST(scene.jobs.back() == "a.service start done");
    scene.exit("/p");
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(a_oneshot_service_runs_its_commands_and_is_dead_again) {
    ServiceScene scene("Type=oneshot\nExecStart=/one\nExecStart=/two\nExecStop=/stop\n");
    scene.start();
    BOOST_TEST(scene.state() == "activating/start");
    BOOST_TEST(scene.service().deadline() == 0U);
    scene.exit("/one");
    BOOST_TEST(scene.state() == "activating/start");
    BOOST_TEST(scene.service().main_pid() == scene.world.find("/two"));
    scene.exit("/two");
    BOOST_TEST(scene.state() == "deactivating/stop");
    scene.exit("/stop");
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.result() == "success");
    BOOST_TEST(scene.jobs.back() == "a.service start done");
    BOOST_TEST(scene.service().exec_status(CommandKind::start, 0).has_ended);
    BOOST_TEST(scene.service().exec_status(CommandKind::start, 1).has_ended);
}

BOOST_AUTO_TEST_CASE(a_oneshot_service_may_remain_after_its_exit) {
    ServiceScene scene("Type=oneshot\nRemainAfterExit=yes\nExecStart=/one\nExecStop=/stop\n");
    scene.start();
    scene.exit("/one");
    BOOST_TEST(scene.state() == "active/exited");
    BOOST_TEST(scene.service().main_pid() == 0);
    scene.stop();
    BOOST_TEST(scene.state() == "deactivating/stop");
    scene.exit("/stop");
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(a_failed_command_ends_a_oneshot_service) {
    ServiceScene scene("Type=oneshot\nExecStart=-/one\nExecStart=/two\nExecStart=/three\n");
    scene.start();
    scene.exit("/one", 1);
    scene.exit("/two", 1);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.runs() == "/one /two");
}

BOOST_AUTO_TEST_CASE(a_oneshot_service_without_a_command_passes_through_start) {
    ServiceScene scene("Type=oneshot\nRemainAfterExit=yes\nExecStop=/stop\n");
    scene.start();
    BOOST_TEST(scene.states() == "start exited");
}

BOOST_AUTO_TEST_CASE(a_signal_that_ends_a_daemon_cleanly_fails_a_oneshot_service) {
    ServiceScene oneshot("Type=oneshot\nExecStart=/one\n");
    oneshot.start();
    oneshot.kill("/one", SIGTERM);
    BOOST_TEST(oneshot.result() == "signal");
    ServiceScene daemon("ExecStart=/main\n");
    daemon.start();
    daemon.kill("/main", SIGTERM);
    BOOST_TEST(daemon.result() == "success");
}

BOOST_AUTO_TEST_CASE(exit_type_cgroup_waits_for_the_last_process) {
    ServiceScene scene("ExitType=cgroup\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "child");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/running");
    scene.exit("child");
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(exit_type_cgroup_allows_the_main_process_to_end_last) {
    ServiceScene scene("ExitType=cgroup\nExecStart=/main\n");
    scene.start();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "inactive/dead");
    // If there is no process, there is no need to wait for a PID file.
    ServiceScene daemon("Type=forking\nExitType=cgroup\nPIDFile=/run/a.pid\nExecStart=/main\n");
    daemon.start();
    daemon.world.start("a.service", "child");
    daemon.exit("/main");
    BOOST_TEST(daemon.state() == "activating/start");
    daemon.exit("child");
    BOOST_TEST(daemon.state() == "inactive/dead");
    BOOST_TEST(daemon.result() == "success");
}

BOOST_AUTO_TEST_CASE(unkillable_leftovers_prevent_each_start_command) {
    for (const std::string directive : {"ExecCondition", "ExecStartPre", "ExecStart"})
        for (const std::string mode : {"control-group", "mixed", "process"}) {
            ServiceScene scene(directive
                               + "=/first\nExecStart=/main\nType=oneshot\nSendSIGKILL=no\n"
                               + "KillMode=" + mode + "\n");
            scene.world.start("a.service", "leftover");
            scene.start();
            BOOST_TEST((scene.world.find("/first") != 0) == (mode == "process"), directive + mode);
        }
}

BOOST_AUTO_TEST_CASE(leftovers_prevent_a_start_only_without_sigkill) {
    ServiceScene careful("ExecStart=/main\nSendSIGKILL=no\n");
    careful.world.start("a.service", "leftover");
    careful.start();
    BOOST_TEST(careful.runs().empty());
    BOOST_TEST(careful.result() == "resources");
    ServiceScene usual("ExecStart=/main\n");
    usual.world.start("a.service", "leftover");
    usual.start();
    BOOST_TEST(usual.state() == "active/running");
    BOOST_TEST(usual.world.said.size() == 1U);
}

BOOST_AUTO_TEST_CASE(permissions_start_only_applies_only_to_exec_start) {
    ServiceScene scene("PermissionsStartOnly=yes\nExecStartPre=/p\nExecStart=/main\n");
    scene.start();
    scene.exit("/p");
    BOOST_TEST(!scene.world.started.at("/p").applies_permissions);
    BOOST_TEST(scene.world.started.at("/main").applies_permissions);
}

BOOST_AUTO_TEST_CASE(a_handler_gets_the_result_of_the_monitored_unit) {
    ServiceScene scene("ExecStart=/main\n");
    scene.service().invocation_id = "0123456789abcdef0123456789abcdef";
    scene.start();
    scene.exit("/main", 7);
    scene.exit("/handler-pre");
    for (const std::string program : {"/handler-pre", "/handler"}) {
        BOOST_TEST(scene.has_variable(program, "MONITOR_SERVICE_RESULT=exit-code"));
        BOOST_TEST(scene.has_variable(program, "MONITOR_EXIT_CODE=exited"));
        BOOST_TEST(scene.has_variable(program, "MONITOR_EXIT_STATUS=7"));
        BOOST_TEST(scene.has_variable(program, "MONITOR_UNIT=a.service"));
        BOOST_TEST(
            scene.has_variable(program, "MONITOR_INVOCATION_ID=0123456789abcdef0123456789abcdef"));
    }
    BOOST_TEST(!scene.has_variable("/handler-post", "MONITOR_UNIT=a.service"));
}

BOOST_AUTO_TEST_CASE(a_running_service_is_not_started_again) {
    ServiceScene scene("ExecStartPre=/p\nExecStart=/main\n");
    scene.start();
    BOOST_TEST((scene.service().start() == manager::Verdict::begun));
    scene.exit("/p");
    BOOST_TEST((scene.service().start() == manager::Verdict::already));
    scene.stop();
    BOOST_TEST((scene.service().start() == manager::Verdict::again));
    BOOST_TEST(scene.runs() == "/p /main");
}

BOOST_AUTO_TEST_CASE(a_start_resets_the_results_of_the_last_run) {
    ServiceScene scene("Type=notify\nExecStart=/main\n");
    scene.start();
    scene.say("READY=1\nSTATUS=fine\nERRNO=2");
    scene.exit("/main", 1);
    BOOST_TEST(*scene.service().messages().status_text == "fine");
    scene.start();
    BOOST_TEST(scene.result() == "success");
    BOOST_TEST(scene.service().messages().status_text->empty());
    BOOST_TEST(scene.service().messages().status_errno == 0);
    BOOST_TEST(!scene.service().exec_main().has_ended);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit_types
