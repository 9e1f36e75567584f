#include <boost/test/unit_test.hpp>

#include "world.hpp"

namespace notifybridge::manager {

using namespace test;
using unit::JobMode;

BOOST_AUTO_TEST_SUITE(order_of_jobs)

BOOST_AUTO_TEST_CASE(a_start_job_waits_for_units_that_are_ordered_first) {
    World world;
    world.add("a.service", "Wants=b.service\nAfter=b.service").add("b.service");
    world.actor("b.service").on_start = Plan::later;
    world.start("a.service");
    BOOST_TEST(world.state("a.service") == "inactive");
    world.move("b.service", ActiveState::active);
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(units_without_an_order_start_at_once) {
    World world;
    world.add("a.service", "Requires=b.service").add("b.service");
    world.actor("b.service").on_start = Plan::later;
    world.start("a.service");
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(units_stop_in_reverse_order) {
    World world;
    world.add("x.target", "Conflicts=a.service b.service");
    world.add("a.service", "After=b.service").add("b.service");
    world.start("a.service");
    world.start("b.service");
    world.actor("a.service").on_stop = Plan::later;
    world.start("x.target");
    BOOST_TEST(world.state("b.service") == "active");
    world.move("a.service", ActiveState::inactive);
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(a_stop_job_precedes_a_start_job_for_either_order_of_units) {
    for (const char* const order : {"After=b.service", "Before=b.service"}) {
        World world;
        world.add("a.service", std::string("Conflicts=b.service\n") + order).add("b.service");
        world.start("b.service");
        world.actor("b.service").on_stop = Plan::later;
        world.start("a.service");
        BOOST_TEST(world.state("a.service") == "inactive", order);
        world.move("b.service", ActiveState::inactive);
        BOOST_TEST(world.state("a.service") == "active", order);
    }
}

BOOST_AUTO_TEST_CASE(a_restart_job_waits_like_a_stop_and_then_like_a_start) {
    World world;
    world.add("a.service").add("b.service", "PartOf=a.service\nAfter=a.service");
    world.start("a.service");
    world.start("b.service");
    world.actor("b.service").on_stop = Plan::later;
    world.actor("a.service").on_start = Plan::later;
    world.ask(JobType::restart, "a.service");
    BOOST_TEST(world.state("a.service") == "active");
    world.move("b.service", ActiveState::inactive);
    BOOST_TEST(world.state("a.service") == "activating");
    BOOST_TEST(world.state("b.service") == "inactive");
    world.move("a.service", ActiveState::active);
    BOOST_TEST(world.state("b.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_restart_job_that_became_a_start_ends_despite_a_cycle) {
    World world;
    world.add("a.service", "After=b.service");
    world.add("b.service", "PartOf=a.service\nAfter=a.service");
    world.start("b.service");
    BOOST_TEST(world.start("a.service", JobMode::restart_dependencies) == "ok");
    BOOST_TEST(world.engine.jobs().empty());
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.said().find("found an ordering cycle: ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_start_job_merged_into_a_restart_ends_despite_a_cycle) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service");
    world.add("b.service", "After=a.service");
    world.add("c.service", "Requires=b.service\nAfter=b.service");
    world.actor("c.service").on_stop = Plan::later;
    world.start("c.service");
    world.move("b.service", ActiveState::failed);
    world.ask(JobType::restart, "b.service");
    world.ask(JobType::restart, "a.service");
    world.move("c.service", ActiveState::inactive);
    BOOST_TEST(world.engine.jobs().empty());
    for (const char* const name : {"a.service", "b.service", "c.service"})
        BOOST_TEST(world.state(name) == "active");
}

BOOST_AUTO_TEST_CASE(jobs_end_if_a_reload_orders_them_in_a_cycle) {
    World world;
    world.add("a.service", "After=c.service").add("b.service", "After=c.service");
    world.add("c.service");
    world.actor("c.service").on_start = Plan::later;
    for (const char* const name : {"c.service", "a.service", "b.service"})
        world.start(name);
    world.add("a.service", "After=b.service").add("b.service", "After=a.service");
    world.engine.reload_files();
    world.move("c.service", ActiveState::active);
    BOOST_TEST(world.engine.jobs().empty());
    BOOST_TEST(world.state("b.service") == "active");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ends_of_jobs)

BOOST_AUTO_TEST_CASE(a_failed_start_fails_the_units_that_require_it) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service");
    world.add("c.service", "Wants=b.service\nAfter=b.service").add("b.service");
    world.add("x.target", "Wants=a.service c.service");
    world.actor("b.service").on_start = Plan::fails;
    world.start("x.target");
    BOOST_TEST(world.has("b.service/start failed"));
    BOOST_TEST(world.has("a.service/start dependency"));
    BOOST_TEST(world.has("c.service/start done"));
    BOOST_TEST(world.surroundings.has_said("Dependency failed for a.service."));
    BOOST_TEST(world.surroundings.has_said(
        "a.service: Dependency b.service failed; see 'systemctl status b.service'."));
}

BOOST_AUTO_TEST_CASE(the_start_job_of_a_unit_that_ends_at_once_is_done) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service").add("b.service");
    world.actor("b.service").on_start = Plan::is_over;
    world.start("a.service");
    BOOST_TEST(world.has("b.service/start done"));
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_requisite_that_ends_at_once_fails_the_dependent) {
    World world;
    world.add("b.service").add("a.service", "Requisite=b.service\nAfter=b.service");
    world.actor("b.service").on_start = Plan::later;
    world.start("b.service");
    world.start("a.service");
    BOOST_TEST(world.state("a.service") == "inactive");
    world.move("b.service", ActiveState::inactive);
    BOOST_TEST(world.has("b.service/start done"));
    BOOST_TEST(world.has("a.service/start dependency"));
}

BOOST_AUTO_TEST_CASE(a_stop_job_is_done_when_the_unit_has_failed) {
    World world;
    world.add("a.service");
    world.start("a.service");
    world.actor("a.service").on_stop = Plan::later;
    world.stop("a.service");
    world.move("a.service", ActiveState::failed);
    BOOST_TEST(world.has("a.service/stop done"));
}

BOOST_AUTO_TEST_CASE(a_stop_job_has_failed_if_the_unit_starts_again) {
    World world;
    world.add("a.service");
    world.start("a.service");
    world.actor("a.service").on_stop = Plan::later;
    world.stop("a.service");
    world.move("a.service", ActiveState::active);
    BOOST_TEST(world.has("a.service/stop failed"));
}

BOOST_AUTO_TEST_CASE(a_reload_job_ends_with_the_outcome_of_the_reload) {
    World world;
    world.add("a.service");
    Actor& actor = world.actor("a.service");
    actor.reloads = true;
    actor.on_reload = Plan::later;
    world.start("a.service");
    world.ask(JobType::reload, "a.service");
    BOOST_TEST(world.state("a.service") == "reloading");
    actor.become(ActiveState::active, true);
    BOOST_TEST(world.has("a.service/reload failed"));
}

BOOST_AUTO_TEST_CASE(a_reload_job_ends_when_its_unit_ends) {
    for (const auto& [last, result] :
         {std::pair(ActiveState::inactive, "done"), std::pair(ActiveState::failed, "failed")}) {
        World world;
        world.add("a.service");
        world.start("a.service");
        world.actor("a.service").reloads = true;
        world.actor("a.service").on_reload = Plan::later;
        world.ask(JobType::reload, "a.service");
        for (const ActiveState state :
             {ActiveState::activating, ActiveState::reloading, ActiveState::deactivating}) {
            world.move("a.service", state);
            BOOST_TEST(world.unit("a.service").job);
        }
        world.move("a.service", last);
        BOOST_TEST(world.has(std::string("a.service/reload ") + result));
    }
}

BOOST_AUTO_TEST_CASE(nop_jobs_and_jobs_that_ignore_order_do_not_wait) {
    World world;
    world.add("a.service").add("b.service");
    const Task start{world.unit("a.service"), JobType::start};
    const Task nothing{world.unit("b.service"), JobType::nop};
    Task hasty{world.unit("b.service"), JobType::start};
    hasty.ignores_order = true;
    for (const bool is_after : {false, true}) {
        BOOST_TEST((order_of(start, nothing, is_after) == Order::same));
        BOOST_TEST((order_of(nothing, start, is_after) == Order::same));
        BOOST_TEST((order_of(start, hasty, is_after) == Order::same));
        BOOST_TEST((order_of(hasty, start, is_after) == Order::same));
    }
}

BOOST_AUTO_TEST_CASE(a_reload_that_is_requested_during_a_reload_runs_later) {
    World world;
    world.add("a.service");
    Actor& actor = world.actor("a.service");
    actor.reloads = true;
    actor.on_reload = Plan::later;
    world.start("a.service");
    world.ask(JobType::reload, "a.service");
    world.ask(JobType::reload, "a.service");
    world.calls.clear();
    world.move("a.service", ActiveState::active);
    BOOST_TEST(join(world.calls) == "reload a.service");
    world.move("a.service", ActiveState::active);
    BOOST_TEST(world.has("a.service/reload done"));
}

BOOST_AUTO_TEST_CASE(a_job_is_tried_again_when_the_state_of_its_unit_changes) {
    World world;
    world.add("a.service");
    Actor& actor = world.actor("a.service");
    actor.on_start = Plan::later;
    actor.on_stop = Plan::later;
    world.start("a.service");
    world.stop("a.service");
    actor.on_start = Plan::again;
    world.start("a.service");
    BOOST_TEST((world.unit("a.service").job->state == Job::State::waiting));
    actor.on_start = Plan::at_once;
    world.move("a.service", ActiveState::inactive);
    BOOST_TEST(world.has("a.service/start done"));
}

BOOST_AUTO_TEST_CASE(starting_an_active_unit_does_nothing_and_logs_nothing) {
    World world;
    world.add("a.service");
    world.start("a.service");
    world.surroundings.said.clear();
    world.calls.clear();
    world.start("a.service");
    BOOST_TEST(world.has("a.service/start done"));
    BOOST_TEST(world.said() == "");
    BOOST_TEST(world.calls.empty());
}

BOOST_AUTO_TEST_CASE(a_job_that_its_unit_refuses_has_failed) {
    World world;
    world.add("a.service");
    world.actor("a.service").on_start = Plan::refused;
    world.start("a.service");
    BOOST_TEST(world.has("a.service/start failed"));
}

BOOST_AUTO_TEST_CASE(a_job_of_an_unsupported_unit_type_is_unsupported) {
    World world;
    world.files.files["/units/a.mount"] = "[Unit]\nDefaultDependencies=no\n";
    world.add("b.service", "Requires=a.mount\nAfter=a.mount");
    world.start("b.service");
    BOOST_TEST(world.has("a.mount/start unsupported"));
    BOOST_TEST(world.has("b.service/start dependency"));
    BOOST_TEST(world.said().find("a.mount: cannot start a unit of this type;")
               != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_mount_unit_starts_if_its_directory_is_a_mount_point) {
    World world;
    world.surroundings.mount_points = {"/a/b"};
    world.add("a.service", "Requires=a-b.mount\nAfter=a-b.mount");
    world.add("c.service", "Requires=c.mount\nAfter=c.mount");
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(world.start("c.service") == "NoSuchUnit");
    world.files.files["/units/a-b.mount"] = "[Unit]\nDefaultDependencies=no\n";
    world.engine.reload_files();
    world.stop("a.service");
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.has("a-b.mount/start done"));
}

BOOST_AUTO_TEST_CASE(a_cancelled_start_fails_the_units_that_require_it) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service").add("b.service");
    world.actor("b.service").on_start = Plan::later;
    world.start("a.service");
    BOOST_TEST(world.engine.cancel(world.unit("b.service").job->id));
    BOOST_TEST(world.has("b.service/start canceled"));
    BOOST_TEST(world.has("a.service/start dependency"));
    BOOST_TEST(!world.engine.cancel(4711));
}

BOOST_AUTO_TEST_CASE(a_restart_ends_when_the_unit_is_active_again) {
    World world;
    world.add("a.service");
    world.start("a.service");
    world.results.clear();
    world.ask(JobType::restart, "a.service");
    BOOST_TEST(join(world.results) == "a.service/start done");
    BOOST_TEST(join(world.calls) == "start a.service, stop a.service, start a.service");
}

BOOST_AUTO_TEST_CASE(restarting_an_inactive_unit_starts_the_unit) {
    World world;
    world.add("a.service");
    BOOST_TEST(world.ask(JobType::restart, "a.service") == "ok");
    BOOST_TEST(join(world.calls) == "start a.service");
}

BOOST_AUTO_TEST_CASE(a_start_job_ends_while_its_unit_awaits_a_restart) {
    World world;
    world.add("a.service", "OnFailure=b.service").add("b.service");
    world.actor("a.service").on_start = Plan::restarts;
    world.start("a.service");
    BOOST_TEST(world.has("a.service/start failed"));
    // As in systemd 257, a failure counts even if the unit restarts.
    BOOST_TEST(world.state("b.service") == "active");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(job_timeouts)

BOOST_AUTO_TEST_CASE(a_job_can_time_out_before_it_runs) {
    World world;
    world.add("a.service", "JobTimeoutSec=10\nAfter=b.service").add("b.service");
    world.actor("b.service").on_start = Plan::later;
    world.start("b.service");
    world.start("a.service");
    BOOST_TEST(world.engine.next_deadline() == world.surroundings.clock + 10'000'000);
    world.pass(9);
    BOOST_TEST(!world.has("a.service/start timeout"));
    world.pass(1);
    BOOST_TEST(world.has("a.service/start timeout"));
    BOOST_TEST(world.surroundings.has_said("a.service: Job a.service/start timed out."));
}

BOOST_AUTO_TEST_CASE(job_running_timeout_counts_from_the_start_of_the_job) {
    World world;
    world.add("a.service", "JobRunningTimeoutSec=10\nAfter=b.service").add("b.service");
    world.actor("a.service").on_start = Plan::later;
    world.actor("b.service").on_start = Plan::later;
    world.start("b.service");
    world.start("a.service");
    world.pass(20);
    BOOST_TEST(world.unit("a.service").job);
    world.move("b.service", ActiveState::active);
    world.pass(9);
    BOOST_TEST(world.unit("a.service").job);
    world.pass(1);
    BOOST_TEST(world.has("a.service/start timeout"));
}

BOOST_AUTO_TEST_CASE(the_earlier_of_two_job_timeouts_counts) {
    World world;
    world.add("a.service", "JobTimeoutSec=100\nJobRunningTimeoutSec=10");
    world.actor("a.service").on_start = Plan::later;
    world.start("a.service");
    world.pass(10);
    BOOST_TEST(world.has("a.service/start timeout"));
}

BOOST_AUTO_TEST_CASE(a_job_timeout_triggers_on_failure_and_its_action) {
    World world;
    world.add("a.service", "JobTimeoutSec=1\nJobTimeoutAction=poweroff-force\nOnFailure=b.service");
    world.add("b.service");
    world.actor("a.service").on_start = Plan::later;
    world.start("a.service");
    world.pass(1);
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.surroundings.ended.size() == 1);
}

BOOST_AUTO_TEST_CASE(an_ended_job_does_not_time_out) {
    World world;
    world.add("a.service", "JobTimeoutSec=1");
    world.start("a.service");
    BOOST_TEST(world.engine.next_deadline() == 0);
    world.pass(2);
    BOOST_TEST(join(world.results) == "a.service/start done");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(job_messages)

BOOST_AUTO_TEST_CASE(messages_of_jobs_are_those_of_systemd) {
    World world;
    world.add("a.service", "Description=Alpha").add("b.target", "Description=Beta");
    world.add("c.socket").add("d.service");
    world.files.files["/units/d.service"] += "Type=oneshot\n";
    world.actor("a.service").on_start = Plan::later;
    world.start("a.service");
    BOOST_TEST(world.surroundings.has_said("Starting a.service - Alpha..."));
    world.move("a.service", ActiveState::active);
    BOOST_TEST(world.surroundings.has_said("Started a.service - Alpha."));
    world.stop("a.service");
    BOOST_TEST(world.surroundings.has_said("Stopped a.service - Alpha."));
    world.start("b.target");
    BOOST_TEST(world.surroundings.has_said("Reached target b.target - Beta."));
    world.stop("b.target");
    BOOST_TEST(world.surroundings.has_said("Stopped target b.target - Beta."));
    world.start("c.socket");
    BOOST_TEST(world.surroundings.has_said("Listening on c.socket."));
    world.stop("c.socket");
    BOOST_TEST(world.surroundings.has_said("Closed c.socket."));
    world.start("d.service");
    BOOST_TEST(world.surroundings.has_said("Finished d.service."));
}

BOOST_AUTO_TEST_CASE(messages_of_failed_jobs_are_those_of_systemd) {
    World world;
    world.add("a.service", "JobTimeoutSec=1").add("b.socket").add("c.service");
    world.add("d.service", "Description=d.service");
    world.start("a.service");
    world.actor("a.service").reloads = true;
    world.actor("a.service").on_reload = Plan::later;
    world.ask(JobType::reload, "a.service");
    BOOST_TEST(world.surroundings.has_said("Reloading a.service..."));
    world.pass(1);
    BOOST_TEST(world.surroundings.has_said("Timed out reloading a.service."));
    world.move("a.service", ActiveState::active);
    world.actor("a.service").on_stop = Plan::later;
    world.stop("a.service");
    BOOST_TEST(world.surroundings.has_said("Stopping a.service..."));
    world.pass(1);
    BOOST_TEST(world.surroundings.has_said("Timed out stopping a.service."));
    world.actor("b.socket").on_start = Plan::fails;
    world.start("b.socket");
    BOOST_TEST(world.surroundings.has_said("Failed to listen on b.socket."));
    world.move("b.socket", ActiveState::active);
    world.actor("b.socket").on_stop = Plan::refused;
    world.stop("b.socket");
    BOOST_TEST(world.surroundings.has_said("Failed stopping b.socket."));
    world.start("d.service");
    BOOST_TEST(world.surroundings.has_said("Started d.service."));
    world.surroundings.said.clear();
    // A job without work causes no message.
    const auto nothing =
        world.engine.enqueue(JobType::try_restart, world.unit("c.service"), unit::JobMode::replace);
    world.engine.cancel(nothing.job);
    BOOST_TEST(world.has("c.service/nop canceled"));
    BOOST_TEST(world.surroundings.said.empty());
}

BOOST_AUTO_TEST_CASE(the_message_of_a_job_names_an_unmet_condition) {
    World world;
    world.add("a.service", "ConditionPathExists=!/x\nConditionPathExists=/y");
    world.surroundings.facts["/x"] = false;
    world.start("a.service");
    BOOST_TEST(
        world.surroundings.has_said("a.service was skipped because of an unmet condition check "
                                    "(ConditionPathExists=!/x)."));
    BOOST_TEST(world.has("a.service/start done"));
    BOOST_TEST(world.calls.empty());
    world.surroundings.facts = {{"/y", false}};
    world.start("a.service");
    BOOST_TEST(
        world.surroundings.has_said("a.service was skipped because of an unmet condition check "
                                    "(ConditionPathExists=/y)."));
    world.add("b.service", "ConditionPathExists=|/y");
    world.start("b.service");
    BOOST_TEST(world.surroundings.has_said(
        "b.service was skipped because no trigger condition checks were met."));
}

BOOST_AUTO_TEST_CASE(an_unmet_assertion_fails_the_job) {
    World world;
    world.add("a.service", "AssertPathExists=/x\nOnFailure=b.service").add("b.service");
    world.add("c.service", "Requires=a.service\nAfter=a.service");
    world.surroundings.facts["/x"] = false;
    world.start("c.service");
    BOOST_TEST(world.has("a.service/start assert"));
    BOOST_TEST(world.has("c.service/start dependency"));
    BOOST_TEST(world.surroundings.has_said("Assertion failed for a.service."));
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager
