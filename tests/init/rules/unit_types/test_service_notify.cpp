#include <signal.h>

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::seconds;
using test::ServiceScene;

constexpr const char* notifying = "Type=notify\nExecStart=/main\n";

BOOST_AUTO_TEST_SUITE(service_notify)

BOOST_AUTO_TEST_CASE(a_notify_service_is_active_after_ready_1) {
    ServiceScene scene(notifying);
    scene.start();
    BOOST_TEST(scene.state() == "activating/start");
    BOOST_TEST(scene.world.started.at("/main").may_notify);
    scene.say("STATUS=nearly");
    BOOST_TEST(scene.state() == "activating/start");
    scene.say("READY=1\nSTATUS=there");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(*scene.service().messages().status_text == "there");
}

BOOST_AUTO_TEST_CASE(a_clean_exit_before_ready_1_breaks_the_protocol) {
    ServiceScene scene(notifying);
    scene.start();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "protocol");
}

BOOST_AUTO_TEST_CASE(a_service_that_fails_before_ready_fails_with_its_status) {
    ServiceScene scene(notifying);
    scene.start();
    scene.exit("/main", 5);
    BOOST_TEST(scene.result() == "exit-code");
}

BOOST_AUTO_TEST_CASE(another_process_may_send_ready_1_after_main_has_exited) {
    ServiceScene scene("Type=notify\nNotifyAccess=all\nRemainAfterExit=yes\nExecStart=/main\n");
    scene.start();
    const pid_t other = scene.world.start("a.service", "other");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "activating/start");
    scene.say("READY=1", other);
    BOOST_TEST(scene.state() == "active/exited");
}

BOOST_AUTO_TEST_CASE(a_service_without_processes_before_ready_breaks_the_protocol) {
    ServiceScene scene("Type=notify\nNotifyAccess=all\nRemainAfterExit=yes\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "other");
    scene.exit("/main");
    scene.exit("other");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "protocol");
}

struct Access {
    std::string access;
    bool main, control, other;
};

BOOST_AUTO_TEST_CASE(the_setting_notify_access_selects_the_accepted_senders) {
    for (const Access& row : {Access{"none", false, false, false},
                              {"main", true, false, false},
                              {"exec", true, true, false},
                              {"all", true, true, true}}) {
        ServiceScene scene("ExecStart=/main\nExecStartPost=/q\nNotifyAccess=" + row.access + "\n");
        scene.start();
        const pid_t other = scene.world.start("a.service", "other");
        scene.say("STATUS=main");
        BOOST_TEST((*scene.service().messages().status_text == "main") == row.main);
        scene.say("STATUS=control", scene.world.find("/q"));
        BOOST_TEST((*scene.service().messages().status_text == "control") == row.control);
        scene.say("STATUS=other", other);
        BOOST_TEST((*scene.service().messages().status_text == "other") == row.other);
        BOOST_TEST(scene.world.started.at("/main").may_notify == row.main);
        BOOST_TEST(scene.world.started.at("/q").may_notify == row.control);
    }
}

/// Pid 0 stands for a process that we cannot see. Such a process belongs to no service.
BOOST_AUTO_TEST_CASE(a_sender_with_pid_0_does_not_count_as_a_missing_process) {
    for (const std::string access : {"main", "exec"}) {
        ServiceScene scene("Type=notify\nExecStartPre=/pre\nExecStart=/main\nNotifyAccess=" + access
                           + "\n");
        const auto message = notify::parse("STATUS=Here");
        scene.service().notified({0, 0, 0}, *message, 0);
        scene.start();
        BOOST_TEST(scene.service().is_in_use());
        scene.service().notified({0, 0, 0}, *message, 0);
        scene.exit("/pre");
        scene.service().notified({0, 0, 0}, *message, 0);
        BOOST_TEST(scene.service().messages().status_text->empty());
    }
}

BOOST_AUTO_TEST_CASE(a_service_may_change_its_notify_access_for_the_current_run) {
    ServiceScene scene("ExecStart=/main\nNotifyAccess=main\n");
    scene.start();
    const pid_t other = scene.world.start("a.service", "other");
    scene.say("NOTIFYACCESS=some");
    BOOST_TEST((scene.service().notify_access() == unit::NotifyAccess::main));
    scene.say("NOTIFYACCESS=all");
    scene.say("STATUS=other", other);
    BOOST_TEST(*scene.service().messages().status_text == "other");
    scene.exit("other");
    scene.exit("/main");
    scene.start();
    BOOST_TEST((scene.service().notify_access() == unit::NotifyAccess::main));
}

BOOST_AUTO_TEST_CASE(texts_and_numbers_in_messages_are_kept_until_replaced) {
    ServiceScene scene("ExecStart=/main\nNotifyAccess=main\n");
    scene.start();
    scene.say("STATUS=one\nERRNO=2\nBUSERROR=org.example.E\nVARLINKERROR=org.example.V");
    scene.say("ERRNO=x");
    const ServiceMessages& said = scene.service().messages();
    BOOST_TEST(*said.status_text == "one");
    BOOST_TEST(said.status_errno == 2);
    BOOST_TEST(*said.bus_error == "org.example.E");
    BOOST_TEST(*said.varlink_error == "org.example.V");
    scene.say("STATUS=\nERRNO=ENOTDIR\nEXIT_STATUS=3");
    BOOST_TEST(said.status_text->empty());
    BOOST_TEST(said.status_errno == ENOTDIR);
}

BOOST_AUTO_TEST_CASE(notify_access_main_makes_an_exit_before_ready_1_an_error) {
    ServiceScene scene("Type=notify\nRemainAfterExit=yes\nNotifyAccess=main\nExecStart=/main\n");
    scene.start();
    scene.world.start("a.service", "child");
    scene.exit("/main");
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    BOOST_TEST(scene.result() == "protocol");
}

BOOST_AUTO_TEST_CASE(ready_1_matters_only_to_notify_services) {
    ServiceScene scene("Type=oneshot\nNotifyAccess=all\nExecStart=/main\n");
    scene.start();
    scene.say("READY=1");
    BOOST_TEST(scene.state() == "activating/start");
    scene.say("STOPPING=1");
    BOOST_TEST(scene.state() == "activating/start");
}

BOOST_AUTO_TEST_CASE(stopping_1_during_a_reload_stops_the_service) {
    ServiceScene scene("Type=notify\nExecStart=/main\n");
    scene.start();
    scene.say("READY=1");
    scene.say("RELOADING=1");
    BOOST_TEST(scene.state() == "reloading/reload-notify");
    scene.say("STOPPING=1");
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    ServiceScene other("Type=notify\nExecStart=/main\n");
    other.start();
    other.say("READY=1");
    other.say("RELOADING=1");
    other.exit("/main", 1);
    BOOST_TEST(other.state() == "failed/failed");
    BOOST_TEST(other.result() == "exit-code");
}

BOOST_AUTO_TEST_CASE(stopping_1_after_a_reload_request_stops_the_service) {
    ServiceScene scene("Type=notify-reload\nExecStart=/main\n");
    scene.start();
    scene.say("READY=1");
    scene.reload();
    BOOST_TEST(scene.state() == "reloading/reload-signal");
    scene.say("RELOADING=1\nREADY=1\nMONOTONIC_USEC=1");
    BOOST_TEST(scene.state() == "reloading/reload-signal");
    scene.say("STOPPING=1");
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
}

BOOST_AUTO_TEST_CASE(an_idle_service_that_starts_is_not_reloaded) {
    ServiceScene scene("Type=idle\nExecStartPre=/pre\nExecStart=/main\nExecReload=/reload\n");
    scene.service().start();
    BOOST_TEST(scene.state() == "active/start-pre");
    scene.reload();
    BOOST_TEST(scene.jobs.back() == "a.service reload invalid");
}

BOOST_AUTO_TEST_CASE(naming_the_main_process_again_changes_nothing) {
    ServiceScene scene("Type=notify\nExecStart=/main\n");
    scene.start();
    const pid_t main = scene.service().main_pid();
    scene.world.said.clear();
    scene.say("MAINPID=" + std::to_string(main));
    BOOST_TEST(scene.service().main_pid() == main);
    BOOST_TEST(scene.world.said.empty());
}

BOOST_AUTO_TEST_CASE(a_service_is_stopping_after_stopping_1) {
    ServiceScene scene("Type=notify\nExecStart=/main\nExecStop=/stop\nExecStopPost=/after\n");
    scene.start();
    scene.say("READY=1");
    scene.say("STOPPING=1");
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
    BOOST_TEST(scene.world.signals.empty());
    BOOST_TEST(scene.service().deadline() == scene.world.clock + 90'000'000);
    scene.exit("/main");
    scene.exit("/after");
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.runs() == "/main /after");
}

BOOST_AUTO_TEST_CASE(messages_before_ready_1_apply_after_ready_1) {
    ServiceScene stopping("Type=exec\nNotifyAccess=main\nExecStart=/main\nExecStartPost=/q\n");
    stopping.start();
    stopping.say("STOPPING=1");
    BOOST_TEST(stopping.state() == "activating/start-post");
    stopping.exit("/q");
    BOOST_TEST(stopping.state() == "deactivating/stop-sigterm");
    ServiceScene reloading("Type=exec\nNotifyAccess=main\nExecStart=/main\nExecStartPost=/q\n");
    reloading.start();
    reloading.say("RELOADING=1");
    reloading.exit("/q");
    BOOST_TEST(reloading.state() == "reloading/reload-notify");
}

BOOST_AUTO_TEST_CASE(the_order_of_ready_1_and_reloading_1_does_not_matter) {
    ServiceScene scene(notifying);
    scene.start();
    scene.say("RELOADING=1\nREADY=1");
    BOOST_TEST(scene.state() == "active/running");
    scene.say("READY=1\nRELOADING=1");
    BOOST_TEST(scene.state() == "active/running");
    scene.say("RELOADING=1");
    BOOST_TEST(scene.state() == "reloading/reload-notify");
    scene.say("STOPPING=1\nREADY=1\nRELOADING=1");
    BOOST_TEST(scene.state() == "deactivating/stop-sigterm");
}

BOOST_AUTO_TEST_CASE(main_pid_may_name_another_process_of_the_unit) {
    ServiceScene scene("ExecStart=/main\nNotifyAccess=all\n");
    scene.start();
    const pid_t next = scene.world.start("a.service", "next");
    scene.say(util::concat("MAINPID=", next));
    BOOST_TEST(scene.service().main_pid() == next);
    BOOST_TEST(scene.service().exec_main().pid == next);
    scene.exit("/main", 1);
    BOOST_TEST(scene.state() == "active/running");
    scene.exit("next");
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(only_root_may_name_a_main_process_in_another_unit) {
    ServiceScene scene("ExecStart=/main\nNotifyAccess=all\n");
    scene.start();
    const pid_t main = scene.service().main_pid();
    const pid_t foreign = scene.world.start("b.service", "foreign");
    scene.say(util::concat("MAINPID=", foreign), 0, 1000);
    BOOST_TEST(scene.service().main_pid() == main);
    for (const char* const text : {"", "0", "1", "x", "-5", "99999"}) {
        scene.say(std::string("MAINPID=") + text, 0, 0);
        BOOST_TEST(scene.service().main_pid() == main);
    }
    scene.say(util::concat("MAINPID=", foreign), 0, 0);
    BOOST_TEST(scene.service().main_pid() == foreign);
}

BOOST_AUTO_TEST_CASE(the_control_process_is_never_the_main_process) {
    ServiceScene scene("ExecStart=/main\nExecStartPost=/q\nNotifyAccess=all\n");
    scene.start();
    const pid_t main = scene.service().main_pid();
    scene.say(util::concat("MAINPID=", scene.world.find("/q")), 0, 0);
    BOOST_TEST(scene.service().main_pid() == main);
}

BOOST_AUTO_TEST_CASE(a_stopping_service_gets_no_new_main_process) {
    ServiceScene scene("ExecStart=/main\nNotifyAccess=all\n");
    scene.start();
    const pid_t main = scene.service().main_pid();
    const pid_t next = scene.world.start("a.service", "next");
    scene.stop();
    scene.say(util::concat("MAINPID=", next));
    BOOST_TEST(scene.service().main_pid() == main);
}

BOOST_AUTO_TEST_CASE(descriptors_are_stored_if_the_service_has_a_store) {
    ServiceScene scene(
        "ExecStartPre=/pre\nExecStart=/main\nNotifyAccess=main\nFileDescriptorStoreMax=2\n");
    scene.start();
    scene.exit("/pre");
    scene.say("FDSTORE=1\nFDNAME=one", 0, 1000, 1);
    scene.say("FDSTORE=1\nFDNAME=with:colon\nFDPOLL=0", 0, 1000, 1);
    scene.say("FDSTORE=1", 0, 1000, 0);
    scene.say("FDSTOREREMOVE=1\nFDNAME=one\nFDSTORE=1");
    scene.say("FDSTOREREMOVE=1");
    BOOST_TEST((scene.world.acts
                == std::vector<std::string>{"store one polled", "store stored", "remove one"}));
    BOOST_TEST(scene.has_variable("/main", "FDSTORE=2"));
    BOOST_TEST(!scene.has_variable("/pre", "FDSTORE=2"));
    ServiceScene without("ExecStart=/main\nNotifyAccess=main\n");
    without.start();
    without.say("FDSTORE=1\nFDNAME=one", 0, 1000, 1);
    BOOST_TEST(without.world.acts.empty());
}

BOOST_AUTO_TEST_CASE(the_message_restart_reset_resets_the_count_of_restarts) {
    ServiceScene scene("ExecStart=/main\nNotifyAccess=main\nRestart=always\n");
    scene.start();
    scene.exit("/main");
    scene.pass(seconds(1));
    BOOST_TEST(scene.service().restarts() == 1U);
    scene.say("RESTART_RESET=1");
    BOOST_TEST(scene.service().restarts() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(service_reload)

BOOST_AUTO_TEST_CASE(exec_reload_runs_while_the_service_continues) {
    ServiceScene scene("ExecStart=/main\nExecReload=/one\nExecReload=/two\n");
    scene.start();
    scene.reload();
    BOOST_TEST(scene.state() == "reloading/reload");
    BOOST_TEST(scene.has_variable("/one", util::concat("MAINPID=", scene.service().main_pid())));
    scene.exit("/one");
    BOOST_TEST(scene.state() == "reloading/reload");
    scene.exit("/two");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.jobs.back() == "a.service reload done");
}

BOOST_AUTO_TEST_CASE(a_failed_reload_does_not_change_the_state_of_the_service) {
    ServiceScene scene("ExecStart=/main\nExecReload=/one\nExecReload=/two\n");
    scene.start();
    scene.reload();
    scene.exit("/one", 1);
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.result() == "success");
    BOOST_TEST((scene.service().reload_result() == Result::exit_code));
    BOOST_TEST(scene.jobs.back() == "a.service reload failed");
    scene.world.impossible.insert("/one");
    scene.reload();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST((scene.service().reload_result() == Result::resources));
}

BOOST_AUTO_TEST_CASE(a_reload_whose_second_command_cannot_be_run_fails) {
    ServiceScene scene("ExecStart=/main\nExecReload=/one\nExecReload=/two\n");
    scene.world.impossible.insert("/two");
    scene.start();
    scene.reload();
    scene.exit("/one");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST((scene.service().reload_result() == Result::resources));
    BOOST_TEST(scene.jobs.back() == "a.service reload failed");
}

BOOST_AUTO_TEST_CASE(a_reload_that_takes_too_long_is_killed) {
    ServiceScene scene("ExecStart=/main\nExecReload=/reload\nTimeoutStartSec=5\n");
    scene.start();
    scene.reload();
    scene.pass(seconds(5));
    BOOST_TEST(scene.world.sent("/reload 9"));
    BOOST_TEST(!scene.world.sent("/main 9"));
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST((scene.service().reload_result() == Result::timeout));
    BOOST_TEST(scene.jobs.back() == "a.service reload failed");
}

BOOST_AUTO_TEST_CASE(a_main_process_that_ends_during_a_reload_is_noticed_later) {
    ServiceScene scene("ExecStart=/main\nExecReload=/reload\n");
    scene.start();
    scene.reload();
    scene.exit("/main", 1);
    BOOST_TEST(scene.state() == "reloading/reload");
    scene.exit("/reload");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "exit-code");
}

BOOST_AUTO_TEST_CASE(only_an_active_service_with_a_reload_is_reloaded) {
    ServiceScene without("ExecStart=/main\n");
    without.start();
    BOOST_TEST(!without.service().can_reload());
    BOOST_TEST((without.service().reload() == manager::Verdict::not_possible));
    ServiceScene scene("ExecStart=/main\nExecReload=/reload\n");
    BOOST_TEST(scene.service().can_reload());
    BOOST_TEST((scene.service().reload() == manager::Verdict::invalid));
    scene.start();
    scene.reload();
    BOOST_TEST((scene.service().reload() == manager::Verdict::again));
}

BOOST_AUTO_TEST_CASE(a_service_that_cannot_reload_refuses_a_reload) {
    ServiceScene scene("ExecStart=/main\n", "PropagatesReloadTo=peer.service\n");
    scene.start();
    const auto refused =
        scene.engine.enqueue(manager::JobType::reload, scene.service(), unit::JobMode::replace);
    BOOST_TEST(refused.job == 0U);
    BOOST_TEST(refused.refusal.error == "JobTypeNotApplicable");
}

BOOST_AUTO_TEST_CASE(a_service_may_reload_by_itself) {
    ServiceScene scene(notifying, "PropagatesReloadTo=peer.service\n");
    scene.do_job(manager::JobType::start, scene.get<Service>("peer.service"));
    scene.start();
    scene.say("READY=1");
    scene.say("RELOADING=1");
    BOOST_TEST(scene.state() == "reloading/reload-notify");
    BOOST_TEST(scene.world.find("/peer-reload") != 0);
    scene.say("READY=1");
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(reloading_1_during_exec_reload_awaits_ready_1) {
    ServiceScene scene("Type=notify\nExecStart=/main\nExecReload=/reload\n");
    scene.start();
    scene.say("READY=1");
    scene.reload();
    scene.say("RELOADING=1");
    BOOST_TEST(scene.state() == "reloading/reload");
    scene.exit("/reload");
    BOOST_TEST(scene.state() == "reloading/reload-notify");
    scene.say("READY=1");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.jobs.back() == "a.service reload done");
}

constexpr const char* reloading = "Type=notify-reload\nExecStart=/main\nTimeoutStartSec=5\n";

std::string stamp(std::uint64_t moment) {
    return util::concat("\nMONOTONIC_USEC=", moment);
}

BOOST_AUTO_TEST_CASE(notify_reload_sends_a_signal_and_awaits_two_messages) {
    ServiceScene scene(reloading);
    scene.start();
    scene.say("READY=1");
    scene.reload();
    BOOST_TEST(scene.state() == "reloading/reload-signal");
    BOOST_TEST(scene.world.sent("/main 1"));
    scene.pass(seconds(1));
    scene.say("RELOADING=1" + stamp(scene.world.clock));
    BOOST_TEST(scene.state() == "reloading/reload-notify");
    scene.say("READY=1");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.jobs.back() == "a.service reload done");
}

BOOST_AUTO_TEST_CASE(a_reload_that_began_before_the_signal_is_not_an_answer) {
    ServiceScene scene(reloading, "PropagatesReloadTo=peer.service\n");
    scene.start();
    scene.say("READY=1");
    const std::uint64_t earlier = scene.world.clock;
    scene.pass(seconds(1));
    scene.reload();
    scene.say("RELOADING=1" + stamp(earlier));
    scene.say("RELOADING=1");
    scene.say("RELOADING=1\nMONOTONIC_USEC=x");
    scene.say("READY=1");
    BOOST_TEST(scene.state() == "reloading/reload-signal");
    scene.do_job(manager::JobType::start, scene.get<Service>("peer.service"));
    scene.say("RELOADING=1\nREADY=1" + stamp(scene.world.clock));
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.world.find("/peer-reload") != 0);
}

BOOST_AUTO_TEST_CASE(a_notify_reload_without_an_answer_times_out) {
    ServiceScene scene(reloading);
    scene.start();
    scene.say("READY=1");
    scene.reload();
    scene.pass(seconds(5));
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST((scene.service().reload_result() == Result::timeout));
    BOOST_TEST(scene.world.signals.size() == 1U);
}

BOOST_AUTO_TEST_CASE(notify_reload_may_have_commands_and_its_own_signal) {
    ServiceScene scene(
        "Type=notify-reload\nExecStart=/main\nExecReload=/reload\nReloadSignal=SIGUSR1\n");
    scene.start();
    scene.say("READY=1");
    scene.reload();
    BOOST_TEST(scene.world.sent("/main 10"));
    BOOST_TEST(scene.state() == "reloading/reload");
    scene.exit("/reload");
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit_types
