#include <signal.h>

#include <algorithm>

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::seconds;
using test::ServiceScene;

BOOST_AUTO_TEST_SUITE(service_forking)

BOOST_AUTO_TEST_CASE(a_forking_service_is_active_when_its_process_has_left_a_daemon) {
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

BOOST_AUTO_TEST_CASE(without_a_main_process_a_forking_service_runs_until_all_are_gone) {
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

BOOST_AUTO_TEST_CASE(a_forking_service_that_leaves_nothing_behind_is_dead_or_remains) {
    ServiceScene scene("Type=forking\nExecStart=/main\n");
    scene.start();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "inactive/dead");
    ServiceScene remaining("Type=forking\nRemainAfterExit=yes\nExecStart=/main\n");
    remaining.start();
    remaining.exit("/main");
    BOOST_TEST(remaining.state() == "active/exited");
}

BOOST_AUTO_TEST_CASE(a_daemon_that_cannot_be_told_from_others_is_a_failure) {
    ServiceScene scene("Type=forking\nExecStart=/main\n");
    scene.start();
    scene.world.stray = 4711;
    scene.exit("/main");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "protocol");
    const auto warns = [](const std::string& text) {
        return text.starts_with("Process 4711 may be its daemon");
    };
    BOOST_TEST(std::ranges::count_if(scene.world.said, warns) == 1);
}

BOOST_AUTO_TEST_CASE(a_stray_process_is_nothing_to_a_service_that_has_its_daemon_or_remains) {
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

BOOST_AUTO_TEST_CASE(the_main_process_is_the_one_of_the_pid_file) {
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

BOOST_AUTO_TEST_CASE(a_pid_file_that_comes_later_is_waited_for) {
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

BOOST_AUTO_TEST_CASE(a_pid_file_that_comes_just_before_it_is_waited_for_is_read) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    const pid_t daemon = scene.world.start("a.service", "daemon");
    scene.world.late_pid_files["/run/a.pid"] = "daemon";
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.service().main_pid() == daemon);
}

BOOST_AUTO_TEST_CASE(a_pid_file_of_a_process_that_is_gone_is_of_no_use) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "daemon");
    scene.world.pid_files["/run/a.pid"] = "gone";
    scene.world.stale_pid = 4711;
    scene.exit("/main");
    BOOST_TEST(scene.state() == "activating/start");
    BOOST_TEST(scene.service().main_pid() == 0);
}

BOOST_AUTO_TEST_CASE(a_pid_file_that_nobody_is_left_to_write_breaks_the_protocol) {
    ServiceScene scene("Type=forking\nPIDFile=/run/a.pid\nExecStart=/main\n");
    scene.start();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "protocol");
}

BOOST_AUTO_TEST_CASE(a_pid_file_that_never_comes_is_a_time_out) {
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

BOOST_AUTO_TEST_CASE(a_daemon_that_ends_without_its_pid_file_is_a_time_out_too) {
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

BOOST_AUTO_TEST_CASE(after_exec_start_post_the_pid_file_is_waited_for) {
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
    // Where nobody is left to write it, it is not.
    ServiceScene other(text);
    other.start();
    other.exit("/main");
    other.exit("/post");
    BOOST_TEST(other.state() == "failed/failed");
    BOOST_TEST(other.result() == "protocol");
}

BOOST_AUTO_TEST_CASE(a_reload_may_put_another_process_in_the_place_of_the_daemon) {
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

BOOST_AUTO_TEST_CASE(a_daemon_may_put_another_process_in_its_place) {
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

BOOST_AUTO_TEST_CASE(what_a_failed_starter_of_a_daemon_left_is_ended) {
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
