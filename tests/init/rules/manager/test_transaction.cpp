#include "init/rules/manager/transaction.hpp"

#include <boost/test/unit_test.hpp>

#include "world.hpp"

namespace notifybridge::manager {

using namespace test;
using unit::JobMode;

BOOST_AUTO_TEST_SUITE(transaction)

BOOST_AUTO_TEST_CASE(required_and_wanted_units_are_started) {
    World world;
    world.add("a.service", "Requires=b.service\nWants=c.service\nBindsTo=d.service");
    world.add("b.service").add("c.service").add("d.service");
    BOOST_TEST(world.start("a.service") == "ok");
    for (const char* const name : {"a.service", "b.service", "c.service", "d.service"})
        BOOST_TEST(world.state(name) == "active");
}

BOOST_AUTO_TEST_CASE(the_caller_receives_the_ids_of_all_new_jobs) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service").add("b.service");
    world.actor("b.service").on_start = Actor::Plan::later;
    const auto enqueued =
        world.engine.enqueue(JobType::start, world.unit("a.service"), JobMode::replace);
    BOOST_TEST(enqueued.job == world.unit("a.service").job->id);
    BOOST_TEST_REQUIRE(enqueued.others.size() == 1U);
    BOOST_TEST(enqueued.others.front() == world.unit("b.service").job->id);
}

BOOST_AUTO_TEST_CASE(a_missing_required_unit_refuses_the_start) {
    World world;
    world.add("a.service", "Requires=b.service");
    BOOST_TEST(world.start("a.service") == "NoSuchUnit");
    BOOST_TEST(world.state("a.service") == "inactive");
    BOOST_TEST(world.engine.jobs().empty());
}

BOOST_AUTO_TEST_CASE(a_missing_wanted_unit_is_ignored) {
    World world;
    world.add("a.service", "Wants=b.service\nUpholds=c.service");
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_wanted_unit_starts_without_its_missing_requirement) {
    World world;
    world.add("a.service", "Wants=b.service").add("b.service", "Requires=c.service");
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.state("b.service") == "active");
}

BOOST_AUTO_TEST_CASE(the_start_of_a_masked_unit_is_refused_as_masked) {
    World world;
    world.files.files["/units/a.service"] = "-> /dev/null";
    BOOST_TEST(world.start("a.service") == "UnitMasked");
}

BOOST_AUTO_TEST_CASE(a_masked_or_bad_wanted_unit_is_ignored) {
    World world;
    world.add("a.service", "Wants=b.service c.service").add("c.service");
    world.files.files["/units/b.service"] = "-> /dev/null";
    world.files.files["/units/c.service"] += "DynamicUser=maybe\n";
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(world.surroundings.has_said(
        "b.service: Cannot add dependency job for unit b.service, ignoring: Unit b.service is "
        "masked."));
    BOOST_TEST(world.surroundings.has_said(
        "c.service: Cannot add dependency job for unit c.service, ignoring: Unit c.service has a "
        "bad unit file setting."));
}

BOOST_AUTO_TEST_CASE(a_restart_is_refused_if_a_dependent_could_not_start) {
    World world;
    world.add("a.service").add("b.service", "Requires=a.service");
    world.start("b.service");
    world.files.files["/units/b.service"] += "DynamicUser=maybe\n";
    world.engine.reload_files();
    BOOST_TEST(world.ask(JobType::restart, "a.service") == "BadUnitSetting");
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_unit_named_in_requisite_has_to_be_active_already) {
    World world;
    world.add("a.service", "Requisite=b.service\nAfter=b.service").add("b.service");
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.has("b.service/verify-active skipped"));
    BOOST_TEST(world.has("a.service/start dependency"));
    world.start("b.service");
    world.start("a.service");
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(the_start_of_a_unit_stops_conflicting_units) {
    World world;
    world.add("a.service", "Conflicts=b.service").add("b.service");
    world.start("b.service");
    world.start("a.service");
    BOOST_TEST(world.state("b.service") == "inactive");
    world.start("b.service");
    BOOST_TEST(world.state("a.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(required_units_that_conflict_are_refused) {
    World world;
    world.add("a.service", "Requires=b.service c.service");
    world.add("b.service", "Conflicts=c.service").add("c.service");
    BOOST_TEST(world.start("a.service") == "TransactionJobsConflicting");
}

BOOST_AUTO_TEST_CASE(the_start_of_a_conflicting_wanted_unit_is_dropped) {
    World world;
    world.add("a.target", "Wants=b.service c.service");
    world.add("b.service", "Conflicts=c.service").add("c.service");
    BOOST_TEST(world.start("a.target") == "ok");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.state("c.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(a_stop_includes_requiring_units_but_not_wanting_units) {
    World world;
    world.add("a.service").add("b.service", "Requires=a.service");
    world.add("c.service", "Wants=a.service").add("d.service", "PartOf=a.service");
    world.add("e.service", "StopPropagatedFrom=a.service");
    for (const char* const name : {"b.service", "c.service", "d.service", "e.service"})
        world.start(name);
    BOOST_TEST(world.stop("a.service") == "ok");
    BOOST_TEST(world.state("b.service") == "inactive");
    BOOST_TEST(world.state("c.service") == "active");
    BOOST_TEST(world.state("d.service") == "inactive");
    BOOST_TEST(world.state("e.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(a_restart_restarts_active_dependents) {
    World world;
    world.add("a.service").add("b.service", "Requires=a.service\nAfter=a.service");
    world.add("c.service", "Requires=a.service").add("d.service", "PartOf=a.service");
    world.start("b.service");
    world.start("d.service");
    world.calls.clear();
    BOOST_TEST(world.ask(JobType::restart, "a.service") == "ok");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.state("c.service") == "inactive");
    BOOST_TEST(world.is_called_in_order("stop b.service", "stop a.service"));
    BOOST_TEST(world.is_called_in_order("stop a.service", "start a.service"));
    BOOST_TEST(world.is_called_in_order("start a.service", "start b.service"));
    BOOST_TEST(world.is_called_in_order("stop d.service", "start d.service"));
}

BOOST_AUTO_TEST_CASE(propagates_stop_to_does_not_propagate_a_restart) {
    World world;
    world.add("a.service", "PropagatesStopTo=b.service").add("b.service");
    world.start("b.service");
    world.start("a.service");
    world.ask(JobType::restart, "a.service");
    BOOST_TEST(world.state("b.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_reload_is_propagated_to_active_reloadable_units) {
    World world;
    world.add("a.service", "PropagatesReloadTo=b.service c.service d.service");
    world.add("b.service").add("c.service").add("d.service");
    world.actor("b.service").reloads = world.actor("c.service").reloads = true;
    world.start("a.service");
    world.start("b.service");
    world.start("d.service");
    BOOST_TEST(world.ask(JobType::reload, "a.service") == "ok");
    BOOST_TEST(world.has("a.service/reload done"));
    BOOST_TEST(world.has("b.service/reload done"));
    BOOST_TEST(!world.has("c.service/reload done"));
    BOOST_TEST(!world.has("d.service/reload done"));
}

BOOST_AUTO_TEST_CASE(a_unit_that_cannot_reload_refuses_a_reload) {
    World world;
    world.add("a.service");
    world.start("a.service");
    BOOST_TEST(world.ask(JobType::reload, "a.service") == "JobTypeNotApplicable");
}

BOOST_AUTO_TEST_CASE(try_restart_of_an_inactive_unit_does_nothing) {
    World world;
    world.add("a.service");
    BOOST_TEST(world.ask(JobType::try_restart, "a.service") == "ok");
    BOOST_TEST(join(world.results) == "a.service/nop done");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(job_modes)

BOOST_AUTO_TEST_CASE(mode_fail_does_not_cancel_a_contradicting_job) {
    World world;
    world.add("a.service", "Requires=b.service").add("b.service");
    world.actor("b.service").on_start = Plan::later;
    world.start("b.service");
    world.stop("b.service", JobMode::fail);
    BOOST_TEST(world.stop("b.service", JobMode::fail) == "TransactionIsDestructive");
    BOOST_TEST(world.stop("b.service", JobMode::replace) == "ok");
    BOOST_TEST(world.has("b.service/start canceled"));
}

BOOST_AUTO_TEST_CASE(mode_fail_stops_no_unit_for_a_wanted_unit) {
    World world;
    world.add("a.target", "Wants=b.service");
    world.add("b.service", "Conflicts=c.service").add("c.service");
    world.start("c.service");
    BOOST_TEST(world.start("a.target", JobMode::fail) == "ok");
    BOOST_TEST(world.state("a.target") == "active");
    BOOST_TEST(world.state("b.service") == "inactive");
    BOOST_TEST(world.state("c.service") == "active");
    world.stop("a.target");
    world.start("a.target", JobMode::replace);
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.state("c.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(an_irreversible_job_cannot_be_replaced) {
    World world;
    world.add("a.service");
    world.actor("a.service").on_start = Plan::later;
    world.start("a.service", JobMode::replace_irreversibly);
    BOOST_TEST(world.stop("a.service") == "TransactionIsDestructive");
    BOOST_TEST(world.stop("a.service", JobMode::replace_irreversibly)
               == "TransactionIsDestructive");
    BOOST_TEST(world.engine.cancel(world.unit("a.service").job->id));
    BOOST_TEST(world.stop("a.service") == "ok");
}

BOOST_AUTO_TEST_CASE(mode_isolate_stops_units_that_are_not_pulled_in) {
    World world;
    world.add("a.target", "Wants=b.service\nAllowIsolate=yes").add("b.service").add("c.service");
    world.add("d.service", "IgnoreOnIsolate=yes");
    world.start("c.service");
    world.start("d.service");
    BOOST_TEST(world.start("a.target", JobMode::isolate) == "ok");
    BOOST_TEST(world.state("a.target") == "active");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.state("c.service") == "inactive");
    BOOST_TEST(world.state("d.service") == "active");
}

BOOST_AUTO_TEST_CASE(mode_isolate_keeps_units_whose_trigger_is_kept) {
    World world;
    world.add("a.target", "Requires=b.socket\nAllowIsolate=yes");
    world.add("b.socket").add("b.service").add("c.socket", "IgnoreOnIsolate=yes").add("c.service");
    world.add("d.socket").add("d.service").add("e.socket").add("e.service");
    for (const std::string_view name :
         {"b.socket", "b.service", "c.socket", "c.service", "d.service", "d.socket", "e.service"})
        world.start(name);
    BOOST_TEST(world.start("a.target", JobMode::isolate) == "ok");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.state("c.service") == "active");
    BOOST_TEST(world.state("d.socket") == "inactive");
    BOOST_TEST(world.state("d.service") == "inactive");
    BOOST_TEST(world.state("e.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(mode_isolate_cancels_pending_starts) {
    World world;
    world.add("a.target", "AllowIsolate=yes").add("b.service", "After=c.service");
    world.add("c.service");
    world.actor("c.service").on_start = Plan::later;
    world.start("c.service");
    world.start("b.service");
    world.start("a.target", JobMode::isolate);
    BOOST_TEST(world.has("b.service/start canceled"));
    BOOST_TEST(!world.unit("b.service").job);
}

BOOST_AUTO_TEST_CASE(mode_isolate_needs_a_start_job_and_allow_isolate) {
    World world;
    world.add("a.target").add("b.target", "AllowIsolate=yes");
    BOOST_TEST(world.start("a.target", JobMode::isolate) == "NoIsolation");
    BOOST_TEST(world.stop("b.target", JobMode::isolate) == "InvalidArgs");
}

BOOST_AUTO_TEST_CASE(mode_flush_cancels_all_other_jobs) {
    World world;
    world.add("a.service").add("b.service");
    world.actor("b.service").on_start = Plan::later;
    world.start("b.service");
    world.start("a.service", JobMode::flush);
    BOOST_TEST(world.has("b.service/start canceled"));
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(mode_ignore_dependencies_pulls_in_no_unit_and_does_not_wait) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service c.service");
    world.add("b.service").add("c.service");
    world.actor("c.service").on_start = Plan::later;
    world.start("c.service");
    BOOST_TEST(world.start("a.service", JobMode::ignore_dependencies) == "ok");
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(mode_ignore_requirements_still_obeys_the_order) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=c.service").add("b.service");
    world.add("c.service");
    world.actor("c.service").on_start = Plan::later;
    world.start("c.service");
    world.start("a.service", JobMode::ignore_requirements);
    BOOST_TEST(world.state("a.service") == "inactive");
    world.move("c.service", ActiveState::active);
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(mode_triggering_also_stops_the_triggers) {
    World world;
    world.add("a.socket").add("a.service");
    world.start("a.socket");
    world.start("a.service");
    world.stop("a.service");
    BOOST_TEST(world.state("a.socket") == "active");
    world.start("a.service");
    BOOST_TEST(world.stop("a.service", JobMode::triggering) == "ok");
    BOOST_TEST(world.state("a.socket") == "inactive");
    BOOST_TEST(world.start("a.service", JobMode::triggering) == "InvalidArgs");
}

BOOST_AUTO_TEST_CASE(mode_restart_dependencies_restarts_active_dependents) {
    World world;
    world.add("a.service").add("b.service", "PartOf=a.service");
    world.start("b.service");
    world.calls.clear();
    world.start("a.service", JobMode::restart_dependencies);
    BOOST_TEST(world.is_called_in_order("stop b.service", "start b.service"));
    BOOST_TEST(world.stop("a.service", JobMode::restart_dependencies) == "InvalidArgs");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(order_cycles)

BOOST_AUTO_TEST_CASE(a_wanted_unit_is_dropped_to_break_an_order_cycle) {
    World world;
    world.add("x.target", "Wants=a.service b.service c.service");
    world.add("a.service", "After=b.service").add("b.service", "After=c.service");
    world.add("c.service", "After=a.service");
    BOOST_TEST(world.start("x.target") == "ok");
    int started = 0;
    for (const char* const name : {"a.service", "b.service", "c.service"})
        started += world.state(name) == "active" ? 1 : 0;
    BOOST_TEST(started == 2);
    BOOST_TEST(world.state("x.target") == "active");
}

BOOST_AUTO_TEST_CASE(the_messages_about_an_order_cycle_show_its_units) {
    World world;
    world.add("x.target", "Wants=a.service b.service");
    world.add("a.service", "After=b.service").add("b.service", "After=a.service");
    world.start("x.target");
    BOOST_TEST(world.surroundings.has_said("a.service: Found ordering cycle on b.service/start"));
    BOOST_TEST(world.surroundings.has_said("a.service: Found dependency on a.service/start"));
    BOOST_TEST(world.surroundings.has_said(
        "a.service: Job b.service/start deleted to break ordering cycle starting with "
        "a.service/start"));
}

BOOST_AUTO_TEST_CASE(an_order_cycle_of_required_units_is_refused) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service");
    world.add("b.service", "Requires=a.service\nAfter=a.service");
    BOOST_TEST(world.start("a.service") == "TransactionOrderIsCyclic");
    BOOST_TEST(world.engine.jobs().empty());
}

BOOST_AUTO_TEST_CASE(dropping_a_unit_also_drops_units_that_require_it) {
    World world;
    world.add("x.target", "Wants=a.service c.service\nRequires=b.service");
    world.add("a.service", "After=b.service").add("b.service", "After=a.service");
    world.add("c.service", "Requires=a.service");
    BOOST_TEST(world.start("x.target") == "ok");
    BOOST_TEST(world.state("a.service") == "inactive");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.state("c.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(stop_jobs_can_form_order_cycles_like_start_jobs) {
    World world;
    world.add("a.service", "PartOf=b.service").add("b.service");
    world.start("a.service");
    world.start("b.service");
    world.files.files["/units/a.service"] += "[Unit]\nAfter=b.service\nBefore=b.service\n";
    world.engine.reload_files();
    BOOST_TEST(world.stop("b.service") == "TransactionOrderIsCyclic");
    BOOST_TEST(world.stop("b.service", JobMode::ignore_dependencies) == "ok");
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(an_existing_job_can_be_part_of_an_order_cycle) {
    World world;
    world.add("a.service", "After=b.service").add("b.service", "After=a.service");
    world.actor("b.service").on_start = Plan::later;
    world.start("b.service");
    BOOST_TEST(world.start("a.service") == "TransactionOrderIsCyclic");
}

BOOST_AUTO_TEST_CASE(a_long_chain_of_ordered_units_is_not_a_cycle) {
    World world;
    constexpr int length = 2000;
    for (int i = 0; i < length; ++i)
        world.add("u" + std::to_string(i) + ".service", "After=u" + std::to_string(i + 1)
                                                            + ".service\nWants=u"
                                                            + std::to_string(i + 1) + ".service");
    world.add("u" + std::to_string(length) + ".service");
    BOOST_TEST(world.start("u0.service") == "ok");
    for (int i = 0; i < length && world.engine.next_deadline() == 1; ++i)
        world.engine.run_due();
    BOOST_TEST(world.state("u0.service") == "active");
    BOOST_TEST(world.calls.front() == "start u2000.service");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager
