#include <signal.h>

#include <algorithm>

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::seconds;
using test::ServiceScene;

BOOST_AUTO_TEST_SUITE(service_forking)

BOOST_AUTO_TEST_CASE(a_forking_service_is_active_once_a_daemon_is_left) {
    ServiceScene scene("Type=forking\nExecStart=/main\n");
    scene.start();
    BOOST_TEST(scene.state() == "activating/start");
    BOOST_TEST(scene.service().main_pid() == 0);
    BOOST_TEST(!scene.world.started.at("/main").is_control);
    scene.world.guess = scene.world.start("a.service", "daemon");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == scene.world.guess);
    scene.exit("daemon", 1);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "exit-code");
}

BOOST_AUTO_TEST_CASE(a_service_without_a_main_pid_ends_with_its_last_process) {
    ServiceScene scene("Type=forking\nGuessMainPID=no\nExecStart=/main\n");
    scene.start();
    scene.world.guess = scene.world.start("a.service", "daemon");
    scene.world.start("a.service", "other");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == 0);
    scene.exit("daemon", 1);
    BOOST_TEST(scene.state() == "active/running");
    scene.exit("other", 1);
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(a_forking_service_without_a_daemon_is_dead_or_exited) {
    ServiceScene scene("Type=forking\nExecStart=/main\n");
    scene.start();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "inactive/dead");
    ServiceScene remaining("Type=forking\nRemainAfterExit=yes\nExecStart=/main\n");
    remaining.start();
    remaining.exit("/main");
    BOOST_TEST(remaining.state() == "active/exited");
}

BOOST_AUTO_TEST_CASE(a_forking_service_with_an_ambiguous_daemon_fails) {
    ServiceScene scene("Type=forking\nExecStart=/main\n");
    scene.start();
    scene.world.stray = 4711;
    scene.exit("/main");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "protocol");
    const auto warns = [](const std::string& text) {
        return text.starts_with("process 4711 may be the daemon");
    };
    BOOST_TEST(std::ranges::count_if(scene.world.said, warns) == 1);
}

BOOST_AUTO_TEST_CASE(a_stray_process_does_not_fail_a_service_with_a_daemon) {
    ServiceScene scene("Type=forking\nExecStart=/main\n");
    scene.start();
    scene.world.stray = 4711;
    scene.world.guess = scene.world.start("a.service", "daemon");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/running");
    ServiceScene remaining("Type=forking\nRemainAfterExit=yes\nExecStart=/main\n");
    remaining.start();
    remaining.world.stray = 4711;
    remaining.exit("/main");
    BOOST_TEST(remaining.state() == "active/exited");
}

BOOST_AUTO_TEST_CASE(the_pid_file_names_the_main_process) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\nExecReload=/reload\n");
    scene.start();
    const pid_t daemon = scene.world.start("a.service", "daemon");
    scene.world.pid_files["/run/a.pid"] = "daemon";
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == daemon);
    scene.reload();
    BOOST_TEST(scene.has_variable("/reload", "PIDFILE=/run/a.pid"));
    BOOST_TEST(scene.has_variable("/reload", util::concat("MAINPID=", daemon)));
}

BOOST_AUTO_TEST_CASE(a_service_waits_for_a_late_pid_file) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "daemon");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "activating/start");
    BOOST_TEST(scene.world.did("watch /run/a.pid"));
    scene.service().pid_file_changed();
    BOOST_TEST(scene.state() == "activating/start");
    scene.world.pid_files["/run/a.pid"] = "daemon";
    scene.service().pid_file_changed();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.world.did("leave /run/a.pid"));
    BOOST_TEST(scene.service().main_pid() == scene.world.find("daemon"));
}

BOOST_AUTO_TEST_CASE(an_existing_pid_file_is_read_when_the_watch_starts) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    const pid_t daemon = scene.world.start("a.service", "daemon");
    scene.world.late_pid_files["/run/a.pid"] = "daemon";
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == daemon);
}

BOOST_AUTO_TEST_CASE(a_pid_file_of_a_dead_process_is_ignored) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "daemon");
    scene.world.pid_files["/run/a.pid"] = "gone";
    scene.world.stale_pid = 4711;
    scene.exit("/main");
    BOOST_TEST(scene.state() == "activating/start");
    BOOST_TEST(scene.service().main_pid() == 0);
}

BOOST_AUTO_TEST_CASE(a_missing_pid_file_without_processes_is_an_error) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "protocol");
}

BOOST_AUTO_TEST_CASE(a_missing_pid_file_causes_a_timeout) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "daemon");
    scene.exit("/main");
    scene.pass(seconds(90));
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    BOOST_TEST(scene.world.sent("daemon 15"));
    scene.kill("daemon", SIGTERM);
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "timeout");
}

BOOST_AUTO_TEST_CASE(a_daemon_without_a_pid_file_causes_a_timeout) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "daemon");
    scene.exit("/main");
    scene.exit("daemon");
    BOOST_TEST(scene.state() == "activating/start");
    scene.pass(seconds(90));
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "timeout");
}

BOOST_AUTO_TEST_CASE(exec_start_post_may_write_the_pid_file) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\nExecStartPost=/q\n");
    scene.start();
    scene.world.start("a.service", "daemon");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "activating/start-post");
    scene.world.pid_files["/run/a.pid"] = "daemon";
    scene.exit("/q");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == scene.world.find("daemon"));
}

BOOST_AUTO_TEST_CASE(the_pid_file_is_awaited_after_exec_start_post) {
    const std::string text =
        "Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\nExecStartPost=/post\n";
    ServiceScene scene(text);
    scene.start();
    const pid_t daemon = scene.world.start("a.service", "daemon");
    scene.exit("/main");
    scene.exit("/post");
    BOOST_TEST(scene.state() == "activating/start-post");
    scene.world.pid_files["/run/a.pid"] = "daemon";
    scene.service().pid_file_changed();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == daemon);
    // If no process is left that could write the PID file, the service fails.
    ServiceScene other(text);
    other.start();
    other.exit("/main");
    other.exit("/post");
    BOOST_TEST(other.state() == "failed/failed");
    BOOST_TEST(other.result() == "protocol");
}

BOOST_AUTO_TEST_CASE(a_reload_may_replace_the_daemon) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\nExecReload=/reload\n");
    scene.start();
    scene.world.start("a.service", "daemon");
    scene.world.pid_files["/run/a.pid"] = "daemon";
    scene.exit("/main");
    scene.reload();
    const pid_t next = scene.world.start("a.service", "next");
    scene.world.pid_files["/run/a.pid"] = "next";
    scene.exit("/reload");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == next);
}

BOOST_AUTO_TEST_CASE(a_daemon_may_replace_itself_by_another_daemon) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "daemon");
    scene.world.pid_files["/run/a.pid"] = "daemon";
    scene.exit("/main");
    const pid_t next = scene.world.start("a.service", "next");
    scene.world.pid_files["/run/a.pid"] = "next";
    scene.exit("daemon", 1);
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == next);
}

BOOST_AUTO_TEST_CASE(leftovers_of_a_failed_forking_start_are_ended) {
    ServiceScene scene("Type=forking\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "child");
    scene.exit("/main", 1);
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    BOOST_TEST(scene.world.sent("child 15"));
    scene.kill("child", SIGTERM);
    BOOST_TEST(scene.result() == "exit-code");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit_types
