#include <signal.h>

#include "socket_scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::seconds;
using test::SocketScene;

BOOST_AUTO_TEST_SUITE(socket_unit)

BOOST_AUTO_TEST_CASE(a_socket_unit_listens_once_its_sockets_are_open) {
    SocketScene scene("");
    scene.start();
    BOOST_TEST(scene.state() == "active/listening");
    BOOST_TEST(scene.world.did("open a.socket"));
    BOOST_TEST(scene.world.is_watching);
    BOOST_TEST(scene.socket().deadline() == 0U);
    BOOST_TEST(scene.jobs.back() == "a.socket start done");
}

BOOST_AUTO_TEST_CASE(socket_commands_run_before_and_after_listening) {
    SocketScene scene("ExecStartPre=/p1\nExecStartPre=-/p2\nExecStartPost=/q\n");
    scene.start();
    BOOST_TEST(scene.state() == "activating/start-pre");
    BOOST_TEST(scene.socket().deadline() == scene.world.clock + 90'000'000);
    BOOST_TEST(!scene.world.did("open a.socket"));
    scene.exit("/p1");
    scene.exit("/p2", 1);
    BOOST_TEST(scene.state() == "activating/start-post");
    BOOST_TEST(scene.world.did("open a.socket"));
    BOOST_TEST(!scene.world.is_watching);
    scene.exit("/q");
    BOOST_TEST(scene.state() == "active/listening");
    BOOST_TEST(scene.socket().exec_status(CommandKind::start_pre, 1).number() == 1);
}

BOOST_AUTO_TEST_CASE(sockets_get_their_owner_during_the_start) {
    SocketScene scene("SocketUser=nobody\n");
    scene.start();
    BOOST_TEST(
        (scene.history == std::vector<std::string>{"a.socket start-chown", "a.socket listening"}));
}

BOOST_AUTO_TEST_CASE(a_socket_waits_for_a_slow_file_system) {
    SocketScene scene("ExecStartPost=/q\nTimeoutSec=5\n");
    scene.world.opens_later = true;
    scene.start();
    BOOST_TEST(scene.state() == "activating/start-chown");
    const std::uint64_t deadline = scene.socket().deadline();
    BOOST_TEST(deadline == scene.world.clock + 5'000'000);
    scene.pass(seconds(1));
    // The last child of this unit has ended, and the next one has begun.
    scene.socket().sockets_opened();
    BOOST_TEST(scene.state() == "activating/start-chown");
    BOOST_TEST(scene.socket().deadline() == deadline);
    scene.world.opens_later = false;
    scene.socket().sockets_opened();
    BOOST_TEST(scene.state() == "activating/start-post");
    scene.socket().sockets_opened();
    scene.exit("/q");
    BOOST_TEST(scene.state() == "active/listening");
}

BOOST_AUTO_TEST_CASE(a_socket_does_not_wait_for_ever_for_a_file_system) {
    SocketScene scene("TimeoutSec=5\n");
    scene.world.opens_later = true;
    scene.start();
    scene.pass(seconds(5));
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "timeout");
    BOOST_TEST(scene.world.did("close a.socket"));
    scene.start();
    scene.stop();
    BOOST_TEST(scene.state() == "inactive/dead");
    scene.socket().sockets_opened();
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(a_socket_that_cannot_be_opened_later_fails) {
    SocketScene scene("");
    scene.world.opens_later = true;
    scene.start();
    scene.world.cannot_listen = true;
    scene.socket().sockets_opened();
    scene.engine.run_due();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
}

BOOST_AUTO_TEST_CASE(a_stop_closes_the_sockets_between_its_commands) {
    SocketScene scene("ExecStopPre=/before\nExecStopPost=/after\n");
    scene.start();
    scene.stop();
    BOOST_TEST(scene.state() == "deactivating/stop-pre");
    BOOST_TEST(!scene.world.did("close a.socket"));
    scene.exit("/before");
    BOOST_TEST(scene.state() == "deactivating/stop-post");
    BOOST_TEST(scene.world.did("close a.socket"));
    scene.exit("/after");
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.result() == "success");
}

BOOST_AUTO_TEST_CASE(a_socket_that_cannot_listen_fails_for_resources) {
    SocketScene scene("ExecStopPost=/after\n");
    scene.world.cannot_listen = true;
    scene.start();
    BOOST_TEST(scene.state() == "deactivating/stop-post");
    scene.exit("/after");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
    BOOST_TEST(scene.jobs.back() == "a.socket start failed");
}

BOOST_AUTO_TEST_CASE(a_socket_that_cannot_be_polled_fails_for_resources) {
    SocketScene scene("ExecStopPost=/after\n");
    scene.world.cannot_watch = true;
    scene.start();
    BOOST_TEST(scene.state() == "deactivating/stop-post");
    scene.exit("/after");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
}

BOOST_AUTO_TEST_CASE(an_unknown_socket_user_fails_the_socket_with_exit_code) {
    SocketScene scene("SocketUser=nobody-there\nExecStopPost=/after\n");
    scene.world.has_no_owner = true;
    scene.start();
    scene.exit("/after");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "exit-code");
}

BOOST_AUTO_TEST_CASE(a_command_that_fails_makes_the_socket_fail) {
    SocketScene before("ExecStartPre=/p\nExecStopPost=/after\n");
    before.start();
    before.exit("/p", 1);
    // Nothing was started, so ExecStopPost= does not run.
    BOOST_TEST(before.state() == "failed/failed");
    BOOST_TEST(before.result() == "exit-code");
    SocketScene after("ExecStartPost=/q\nExecStopPost=/after\n");
    after.start();
    after.kill("/q", SIGSEGV, true);
    BOOST_TEST(after.state() == "deactivating/stop-post");
    after.exit("/after");
    BOOST_TEST(after.state() == "failed/failed");
    BOOST_TEST(after.result() == "core-dump");
}

BOOST_AUTO_TEST_CASE(a_failed_fork_of_a_command_fails_a_socket) {
    for (const std::string program : {"/p", "/q", "/before", "/after"}) {
        SocketScene scene(
            "ExecStartPre=/p\nExecStartPost=/q\nExecStopPre=/before\n"
            "ExecStopPost=/after\n");
        scene.world.impossible.insert(program);
        const auto exit_all = [&scene] {
            for (const std::string each : {"/p", "/q", "/before", "/after"})
                if (scene.world.find(each))
                    scene.exit(each);
        };
        scene.start();
        exit_all();
        if (manager::is_up(scene.socket().active_state()))
            scene.stop();
        exit_all();
        BOOST_TEST(scene.state() == "failed/failed", program);
        BOOST_TEST(scene.result() == "resources", program);
    }
}

BOOST_AUTO_TEST_CASE(a_failed_fork_of_a_second_command_fails_a_socket) {
    const auto fails_after = [](const std::string& directive, const std::string& states) {
        SocketScene scene(directive + "=/one\n" + directive + "=/two\n");
        scene.world.impossible.insert("/two");
        scene.start();
        if (!scene.world.find("/one"))
            scene.stop();
        scene.history.clear();
        scene.exit("/one");
        std::string all;
        for (const std::string& entry : scene.history)
            all += entry + ", ";
        BOOST_TEST(all == states, directive);
        BOOST_TEST(scene.result() == "resources", directive);
    };
    for (const char* const directive :
         {"ExecStartPre", "ExecStartPost", "ExecStopPre", "ExecStopPost"})
        fails_after(directive, "a.socket failed, ");
}

BOOST_AUTO_TEST_CASE(socket_group_alone_sets_the_owner_of_sockets) {
    SocketScene scene("SocketGroup=daemon\n");
    scene.start();
    BOOST_TEST(scene.history.front() == "a.socket start-chown");
    BOOST_TEST(scene.state() == "active/listening");
}

BOOST_AUTO_TEST_CASE(a_repeated_start_request_continues_the_start) {
    SocketScene scene("ExecStartPre=/p\n");
    scene.start();
    BOOST_TEST(scene.engine.cancel(scene.socket().job->id));
    scene.start();
    BOOST_TEST(scene.world.runs.size() == 1U);
    BOOST_TEST(scene.state() == "activating/start-pre");
    scene.exit("/p");
    BOOST_TEST(scene.jobs.back() == "a.socket start done");
}

BOOST_AUTO_TEST_CASE(an_inactive_socket_without_connections_is_forgotten) {
    SocketScene scene("Accept=yes\n");
    std::vector<std::string> forgotten;
    scene.engine.hooks.on_forget = [&](manager::Unit& unit) { forgotten.push_back(unit.id()); };
    scene.start();
    scene.connect();
    const std::string instance = scene.instances().front();
    scene.stop();
    BOOST_TEST(scene.engine.find("a.socket"));
    scene.exit("/main");
    BOOST_TEST((forgotten == std::vector<std::string>{instance, "a.socket"}));
}

BOOST_AUTO_TEST_CASE(socket_commands_that_take_too_long_are_ended) {
    SocketScene scene("ExecStartPre=/p\nTimeoutSec=5\n");
    scene.start();
    scene.history.clear();
    scene.pass(seconds(15));
    BOOST_TEST((scene.history
                == std::vector<std::string>{"a.socket final-sigterm", "a.socket final-sigkill",
                                            "a.socket failed"}));
    BOOST_TEST(scene.result() == "timeout");
    BOOST_TEST((scene.world.signals == std::vector<std::string>{"/p 15", "/p 9"}));
}

BOOST_AUTO_TEST_CASE(stop_commands_of_a_socket_that_take_too_long_are_ended) {
    SocketScene scene("ExecStopPre=/before\nExecStopPost=/after\nTimeoutSec=5\n");
    scene.start();
    scene.stop();
    scene.history.clear();
    scene.pass(seconds(60));
    BOOST_TEST((scene.history
                == std::vector<std::string>{
                    "a.socket stop-pre-sigterm", "a.socket stop-pre-sigkill", "a.socket stop-post",
                    "a.socket final-sigterm", "a.socket final-sigkill", "a.socket failed"}));
    BOOST_TEST(scene.result() == "timeout");
}

BOOST_AUTO_TEST_CASE(a_timeout_of_exec_start_post_closes_the_socket) {
    SocketScene scene("ExecStartPost=/q\nTimeoutSec=5\n");
    scene.start();
    scene.pass(seconds(5));
    BOOST_TEST(scene.result() == "timeout");
    BOOST_TEST(scene.world.did("close a.socket"));
    // reset-failed only changes a socket that has failed.
    scene.exit("/q");
    BOOST_TEST(scene.state() == "failed/failed");
    scene.engine.reset_failed(scene.socket());
    BOOST_TEST(scene.state() == "inactive/dead");
    scene.engine.reset_failed(scene.socket());
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(a_socket_without_sigkill_still_fails_after_timeouts) {
    SocketScene scene("ExecStartPre=/p\nTimeoutSec=5\nSendSIGKILL=no\n");
    scene.start();
    scene.pass(seconds(10));
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST((scene.world.signals == std::vector<std::string>{"/p 15"}));
    // Leftover processes do not prevent the start, but cause a warning.
    scene.world.said.clear();
    scene.start();
    BOOST_TEST(
        scene.world.said.front()
        == "processes of an earlier run are still running; stop them if they disturb the new run.");
}

BOOST_AUTO_TEST_CASE(a_restart_of_a_socket_may_have_its_own_signal) {
    SocketScene scene("ExecStartPre=/p\nRestartKillSignal=SIGUSR1\n");
    scene.start();
    scene.do_job(manager::JobType::restart, scene.socket());
    BOOST_TEST((scene.world.signals == std::vector<std::string>{"/p 10"}));
}

BOOST_AUTO_TEST_CASE(a_stop_during_the_start_ends_its_command) {
    SocketScene scene("ExecStartPre=/p\n");
    scene.start();
    scene.stop();
    BOOST_TEST(scene.state() == "deactivating/stop-pre-sigterm");
    BOOST_TEST((scene.socket().start() == manager::Verdict::again));
    scene.exit("/p");
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(only_a_stop_without_commands_ends_leftovers_of_a_socket) {
    SocketScene scene("ExecStopPost=/after\n");
    scene.start();
    scene.world.start("a.socket", "child");
    scene.stop();
    scene.exit("/after");
    // As in systemd, the unit is inactive when its command has ended, even if a child still runs.
    BOOST_TEST(scene.state() == "inactive/dead");
    scene.exit("child");
    SocketScene other("");
    other.start();
    other.world.start("a.socket", "child");
    other.stop();
    BOOST_TEST(other.state() == "deactivating/final-sigterm");
    other.exit("child");
    BOOST_TEST(other.state() == "inactive/dead");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit_types
