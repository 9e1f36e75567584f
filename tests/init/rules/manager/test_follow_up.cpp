#include "init/rules/manager/follow_up.hpp"

#include <boost/test/unit_test.hpp>

#include "world.hpp"

namespace notifybridge::manager {

using namespace test;
using unit::JobMode;

BOOST_AUTO_TEST_SUITE(follow_up)

BOOST_AUTO_TEST_CASE(a_failure_starts_the_units_of_on_failure) {
    World world;
    world.add("a.service", "OnFailure=b.service\nOnSuccess=c.service");
    world.add("b.service").add("c.service");
    world.start("a.service");
    world.move("a.service", ActiveState::failed);
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.state("c.service") == "inactive");
    BOOST_TEST(world.surroundings.has_said("a.service: Triggering OnFailure= dependencies."));
    BOOST_TEST(world.engine.monitored_by(world.unit("b.service")) == &world.unit("a.service"));
}

BOOST_AUTO_TEST_CASE(a_clean_end_starts_the_units_of_on_success) {
    World world;
    world.add("a.service", "OnSuccess=c.service").add("c.service");
    world.start("a.service");
    world.stop("a.service");
    BOOST_TEST(world.state("c.service") == "active");
}

BOOST_AUTO_TEST_CASE(resetting_a_failure_is_not_a_success) {
    World world;
    world.add("a.service", "OnSuccess=c.service").add("c.service");
    world.start("a.service");
    world.move("a.service", ActiveState::failed);
    world.engine.reset_failed(world.unit("a.service"));
    world.engine.run_due();
    BOOST_TEST(world.state("a.service") == "inactive");
    BOOST_TEST(world.state("c.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(a_failed_dependency_of_a_unit_triggers_on_failure) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service\nOnFailure=c.service");
    world.add("b.service").add("c.service");
    world.actor("b.service").on_start = Plan::fails;
    world.start("a.service");
    BOOST_TEST(world.state("c.service") == "active");
    BOOST_TEST(world.surroundings.has_said(
        "a.service: Job a.service/start failed with result 'dependency'."));
}

BOOST_AUTO_TEST_CASE(a_failure_handler_of_two_units_monitors_neither_unit) {
    World world;
    world.add("a.service", "OnFailure=c.service").add("b.service", "OnSuccess=c.service");
    world.add("c.service");
    world.unit("a.service");
    world.unit("b.service");
    BOOST_TEST(world.engine.monitored_by(world.unit("c.service")) == nullptr);
    BOOST_TEST(world.engine.monitored_by(world.unit("a.service")) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_bound_unit_stops_with_the_unit_it_is_bound_to) {
    World world;
    world.add("a.service", "BindsTo=b.service\nAfter=b.service").add("b.service");
    world.add("c.service", "Requires=b.service\nAfter=b.service");
    world.start("a.service");
    world.start("c.service");
    world.move("b.service", ActiveState::failed);
    BOOST_TEST(world.state("a.service") == "inactive");
    BOOST_TEST(world.state("c.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_unit_bound_to_an_ended_oneshot_service_stops) {
    World world;
    world.add("a.service", "BindsTo=b.service").add("b.service");
    world.actor("b.service").on_start = Plan::is_over;
    world.start("a.service");
    BOOST_TEST(world.state("a.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(a_bound_unit_does_not_start_without_the_unit_it_is_bound_to) {
    World world;
    world.add("a.service", "BindsTo=b.service\nAfter=b.service").add("b.service");
    world.actor("b.service").on_start = Plan::is_over;
    world.start("a.service");
    BOOST_TEST(world.has("a.service/start dependency"));
    BOOST_TEST(
        world.surroundings.has_said("a.service: Bound to unit b.service, but unit isn't active."));
}

BOOST_AUTO_TEST_CASE(an_unexpected_stop_is_propagated_if_configured) {
    World world;
    world.add("a.service", "PropagatesStopTo=b.service").add("b.service");
    world.start("b.service");
    world.start("a.service");
    world.move("a.service", ActiveState::deactivating);
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(an_unneeded_unit_stops_if_configured) {
    World world;
    world.add("a.service", "Requires=b.service").add("b.service", "StopWhenUnneeded=yes");
    world.add("c.service", "Wants=b.service");
    world.start("a.service");
    world.start("c.service");
    world.stop("a.service");
    BOOST_TEST(world.state("b.service") == "active");
    world.stop("c.service");
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(a_unit_that_is_unneeded_from_its_start_stops_at_once) {
    World world;
    world.add("b.service", "StopWhenUnneeded=yes");
    world.start("b.service");
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(an_upheld_unit_is_started_again) {
    World world;
    world.add("a.service", "Upholds=b.service").add("b.service");
    world.start("a.service");
    BOOST_TEST(world.state("b.service") == "active");
    world.stop("b.service");
    BOOST_TEST(world.state("b.service") == "active");
    world.stop("a.service");
    world.stop("b.service");
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(an_upheld_unit_that_keeps_failing_is_not_started_for_a_while) {
    World world;
    world.add("a.service", "Upholds=b.service").add("b.service", "StartLimitBurst=0");
    world.actor("b.service").on_start = Plan::fails;
    world.start("a.service");
    for (int i = 0; i < 20; ++i)
        world.engine.run_due();
    const auto count = std::count(world.calls.begin(), world.calls.end(), "start b.service");
    BOOST_TEST(count == 17);
    BOOST_TEST(world.said().find("tried this too often recently. Will retry later.")
               != std::string::npos);
    world.actor("b.service").on_start = Plan::at_once;
    BOOST_TEST(world.engine.next_deadline() > world.surroundings.clock);
    world.pass(11);
    BOOST_TEST(world.state("b.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_self_activated_unit_starts_its_requirements) {
    World world;
    world.add("a.service", "Requires=b.service\nWants=c.service\nConflicts=d.service");
    world.add("b.service").add("c.service").add("d.service");
    world.start("d.service");
    world.move("a.service", ActiveState::active);
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.state("c.service") == "active");
    BOOST_TEST(world.state("d.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(a_self_activated_unit_does_not_start_active_units) {
    World world;
    world.add("a.service", "Requires=b.service").add("b.service");
    world.start("b.service");
    world.results.clear();
    world.move("a.service", ActiveState::active);
    BOOST_TEST(world.results.empty());
}

BOOST_AUTO_TEST_CASE(automatic_stops_that_repeat_too_often_are_delayed) {
    World world;
    world.add("bound.service", "BindsTo=alone.service\nStartLimitIntervalSec=0");
    world.add("alone.service", "StartLimitIntervalSec=0");
    world.actor("alone.service").on_start = Plan::is_over;
    world.add("unneeded.service", "StopWhenUnneeded=yes\nStartLimitIntervalSec=0");
    for (int count = 0; count < 16; ++count)
        for (const char* const name : {"bound.service", "unneeded.service"}) {
            world.start(name);
            BOOST_TEST(world.state(name) == "inactive");
        }
    world.start("bound.service");
    world.start("unneeded.service");
    BOOST_TEST(world.state("bound.service") == "active");
    BOOST_TEST(world.state("unneeded.service") == "active");
    BOOST_TEST(world.surroundings.has_said(
        "bound.service: Unit needs to be stopped because it is bound to inactive unit "
        "alone.service, but not stopping since we tried this too often recently. Will retry "
        "later."));
    BOOST_TEST(world.surroundings.has_said(
        "unneeded.service: Unit not needed anymore, but not stopping since we tried this too "
        "often recently. Will retry later."));
    // A unit that is forgotten before its next check is not checked again.
    world.hear_forgotten();
    world.stop("bound.service");
    BOOST_TEST(world.engine.find("bound.service") == nullptr);
    world.pass(11);
    BOOST_TEST(world.engine.next_deadline() == 0U);
    BOOST_TEST(world.has("unneeded.service/stop done"));
    BOOST_TEST(world.engine.find("unneeded.service") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_self_activated_unit_starts_no_unit_that_is_ordered_first) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service").add("b.service");
    world.move("a.service", ActiveState::active);
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(a_trigger_is_notified_of_changes_of_its_triggered_unit) {
    World world;
    world.add("a.socket").add("a.service");
    world.start("a.socket");
    world.calls.clear();
    world.start("a.service");
    BOOST_TEST(world.is_called_in_order("start a.service", "hears of a.service a.socket"));
}

BOOST_AUTO_TEST_CASE(timestamps_of_a_unit_are_those_of_its_state_changes) {
    World world;
    world.add("a.service");
    Unit& unit = world.unit("a.service");
    world.actor("a.service").on_start = Plan::later;
    world.start("a.service");
    const auto exit = world.surroundings.clock;
    world.surroundings.clock += 5;
    world.move("a.service", ActiveState::active);
    world.surroundings.clock += 5;
    world.actor("a.service").on_stop = Plan::later;
    world.stop("a.service");
    world.surroundings.clock += 5;
    world.move("a.service", ActiveState::inactive);
    BOOST_TEST(unit.times.inactive_exit.monotonic == exit);
    BOOST_TEST(unit.times.active_enter.monotonic == exit + 5);
    BOOST_TEST(unit.times.active_exit.monotonic == exit + 10);
    BOOST_TEST(unit.times.inactive_enter.monotonic == exit + 15);
    BOOST_TEST(unit.times.state_change.monotonic == exit + 15);
    BOOST_TEST(unit.times.condition.monotonic == exit);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(start_limits)

BOOST_AUTO_TEST_CASE(a_unit_that_is_started_too_often_fails) {
    World world;
    world.add("a.service", "StartLimitBurst=2\nStartLimitIntervalSec=10");
    world.actor("a.service").on_start = Plan::fails;
    world.start("a.service");
    world.start("a.service");
    world.start("a.service");
    BOOST_TEST(world.surroundings.has_said("a.service: Start request repeated too quickly."));
    BOOST_TEST(std::count(world.calls.begin(), world.calls.end(), "start a.service") == 2);
    BOOST_TEST(world.unit("a.service").start_limit_hit);
    world.pass(11);
    world.start("a.service");
    BOOST_TEST(std::count(world.calls.begin(), world.calls.end(), "start a.service") == 3);
    BOOST_TEST(!world.unit("a.service").start_limit_hit);
}

BOOST_AUTO_TEST_CASE(resetting_a_failure_resets_the_start_count) {
    World world;
    world.add("a.service", "StartLimitBurst=1");
    world.start("a.service");
    world.stop("a.service");
    world.engine.reset_failed(world.unit("a.service"));
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(an_infinite_start_limit_interval_limits_starts_forever) {
    World world;
    world.add("a.service", "StartLimitIntervalSec=infinity\nStartLimitBurst=1");
    world.start("a.service");
    world.stop("a.service");
    world.pass(1'000'000'000);
    world.start("a.service");
    BOOST_TEST(world.state("a.service") == "failed");
}

BOOST_AUTO_TEST_CASE(a_start_limit_burst_of_zero_means_no_limit) {
    World world;
    world.add("a.service", "StartLimitBurst=0");
    for (int count = 0; count < 10; ++count) {
        world.start("a.service");
        BOOST_TEST(world.state("a.service") == "active");
        world.stop("a.service");
    }
}

BOOST_AUTO_TEST_CASE(a_target_has_no_start_limit) {
    World world;
    world.add("a.target", "StartLimitBurst=1");
    for (int i = 0; i < 3; ++i) {
        world.start("a.target");
        BOOST_TEST(world.state("a.target") == "active");
        world.stop("a.target");
    }
}

BOOST_AUTO_TEST_CASE(an_exceeded_start_limit_triggers_its_action) {
    World world;
    world.add("a.service", "StartLimitBurst=1\nStartLimitAction=reboot-force");
    world.actor("a.service").on_start = Plan::fails;
    world.start("a.service");
    BOOST_TEST(world.surroundings.ended.empty());
    world.start("a.service");
    BOOST_TEST(world.surroundings.ended.size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(emergency_actions)

BOOST_AUTO_TEST_CASE(a_forced_exit_returns_the_units_status) {
    World world;
    world.add("a.service", "FailureAction=exit-force");
    world.start("a.service");
    world.move("a.service", ActiveState::failed);
    BOOST_TEST(join(world.surroundings.ended) == "8/7");
}

BOOST_AUTO_TEST_CASE(a_configured_exit_status_overrides_that_of_the_unit) {
    World world;
    world.add("a.service", "SuccessAction=exit-force\nSuccessActionExitStatus=3");
    world.start("a.service");
    world.stop("a.service");
    BOOST_TEST(join(world.surroundings.ended) == "8/3");
}

BOOST_AUTO_TEST_CASE(an_orderly_exit_starts_the_exit_target) {
    World world;
    world.add("exit.target", "Requires=end.service\nAfter=end.service");
    world.add("end.service",
              "SuccessAction=exit-force\nRequires=shutdown.target\n"
              "After=shutdown.target\nSuccessActionExitStatus=9");
    world.add("shutdown.target", "DefaultDependencies=no");
    world.add_default("sysinit.target").add_default("a.service", "FailureAction=exit");
    world.add_default("b.service");
    world.actor("end.service").on_start = Plan::is_over;
    world.start("a.service");
    world.start("b.service");
    world.actor("b.service").on_stop = Plan::later;
    world.move("a.service", ActiveState::failed);
    BOOST_TEST(world.surroundings.ended.empty());
    BOOST_TEST(world.state("b.service") == "deactivating");
    BOOST_TEST(world.stop("exit.target") == "TransactionIsDestructive");
    world.move("b.service", ActiveState::inactive);
    BOOST_TEST(join(world.surroundings.ended) == "8/9");
}

BOOST_AUTO_TEST_CASE(an_orderly_reboot_starts_the_reboot_target) {
    World world(true);
    world.add("a.service", "StartLimitBurst=1\nStartLimitAction=reboot");
    world.start("a.service");
    world.stop("a.service");
    world.start("a.service");
    BOOST_TEST(world.surroundings.has_said("Rebooting: unit a.service failed"));
    BOOST_TEST(world.state("reboot.target") == "active");
}

BOOST_AUTO_TEST_CASE(an_exit_action_without_a_status_keeps_the_old_status) {
    World world;
    world.engine.set_exit_status(3);
    world.add("a.service", "JobTimeoutSec=1\nJobTimeoutAction=exit-force");
    world.actor("a.service").on_start = Plan::later;
    world.start("a.service");
    world.pass(1);
    BOOST_TEST_REQUIRE(world.surroundings.ended.size() == 1);
    BOOST_TEST(world.surroundings.ended.front().ends_with("/3"));
}

BOOST_AUTO_TEST_CASE(an_orderly_action_without_its_target_shuts_down_at_once) {
    World world;
    world.add("a.service", "FailureAction=poweroff");
    world.start("a.service");
    world.move("a.service", ActiveState::failed);
    BOOST_TEST(world.surroundings.ended.size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager
