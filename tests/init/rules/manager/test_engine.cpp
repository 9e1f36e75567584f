#include "init/rules/manager/engine.hpp"

#include <boost/test/unit_test.hpp>

#include "init/rules/manager/refusal.hpp"
#include "world.hpp"

namespace notifybridge::manager {

using namespace test;
using unit::JobMode;

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(an_alias_leads_to_the_same_unit) {
    World world;
    world.add("a.service");
    world.files.files["/units/b.service"] = "-> a.service";
    Unit& unit = world.unit("a.service");
    BOOST_TEST(&world.unit("b.service") == &unit);
    BOOST_TEST(world.engine.find("b.service") == &unit);
    BOOST_TEST(world.engine.units().size() == 1);
}

BOOST_AUTO_TEST_CASE(an_alias_that_is_requested_first_leads_to_the_same_unit) {
    World world;
    world.add("a.service").add("c.service", "Requires=b.service");
    world.files.files["/units/b.service"] = "-> a.service";
    BOOST_TEST(world.start("c.service") == "ok");
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(&world.unit("b.service") == &world.unit("a.service"));
}

BOOST_AUTO_TEST_CASE(a_unit_is_not_loaded_before_it_is_requested) {
    World world;
    world.add("a.service");
    BOOST_TEST(world.engine.find("a.service") == nullptr);
    world.unit("a.service");
    BOOST_TEST(world.engine.find("a.service") != nullptr);
}

BOOST_AUTO_TEST_CASE(all_dependencies_of_a_unit_load_with_one_directory_scan) {
    World world;
    world.add("a.service", "Wants=b.service c.service").add("b.service", "Wants=d.service");
    std::uint64_t looks = 0;
    world.engine.hooks.before_loading = [&looks] { return ++looks; };
    world.unit("a.service");
    BOOST_TEST(looks == 1U);
    BOOST_TEST(world.engine.find("d.service") != nullptr);
}

BOOST_AUTO_TEST_CASE(a_unit_of_an_unsupported_type_does_not_block_a_start) {
    World world;
    world.add("a.service", "After=b.mount\nWants=b.mount");
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(an_ended_per_connection_service_is_forgotten) {
    World world;
    world.add("a.socket").add("a@.service");
    Unit& socket = world.unit("a.socket");
    std::vector<std::string> forgotten;
    world.engine.hooks.on_forget = [&](Unit& unit) { forgotten.push_back(unit.id()); };
    world.start("a.socket");
    world.engine.add_trigger(socket, world.unit("a@1.service"));
    world.start("a@1.service");
    const std::size_t edges = socket.dependencies.edges().size();
    world.engine.reload_files();
    BOOST_TEST(socket.dependencies.has(Effect::triggers, world.unit("a@1.service")));
    world.move("a@1.service", ActiveState::failed);
    BOOST_TEST(world.engine.find("a@1.service") != nullptr);
    world.engine.reset_failed(world.unit("a@1.service"));
    world.engine.run_due();
    BOOST_TEST(world.engine.find("a@1.service") == nullptr);
    BOOST_TEST(socket.dependencies.edges().size() == edges - 1);
    BOOST_TEST(join(forgotten) == "a@1.service");
}

BOOST_AUTO_TEST_CASE(other_connections_keep_their_socket_when_a_connection_ends) {
    World world;
    world.add("a.socket").add("a@.service");
    Unit& socket = world.unit("a.socket");
    for (const char* const name : {"a@1.service", "a@2.service"}) {
        world.engine.add_trigger(socket, world.unit(name));
        world.start(name);
    }
    world.stop("a@1.service");
    BOOST_TEST(world.engine.find("a@1.service") == nullptr);
    BOOST_TEST(socket.dependencies.has(Effect::triggers, world.unit("a@2.service")));
    world.stop("a@2.service");
    BOOST_TEST(world.engine.find("a@2.service") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_unit_without_jobs_or_state_is_forgotten) {
    World world;
    world.add("a.service", "Wants=b.service").add("b.service", "After=c.service");
    world.add("c.service", "After=a.service");
    world.hear_forgotten();
    world.unit("a.service");
    world.unit("missing.service");
    world.engine.run_due();
    // These units are forgotten, although they refer to each other.
    BOOST_TEST(join(world.forgotten) == "a.service, b.service, c.service, missing.service");
    BOOST_TEST(world.engine.units().empty());
}

BOOST_AUTO_TEST_CASE(a_unit_to_which_an_active_unit_refers_is_not_forgotten) {
    World world;
    world.add("a.service", "After=b.service").add("b.service", "Wants=c.service");
    world.add("c.service").add("d.service", "After=a.service");
    world.hear_forgotten();
    world.start("a.service");
    world.start("d.service");
    world.stop("d.service");
    BOOST_TEST(join(world.forgotten) == "d.service");
    world.start("c.service");
    world.stop("c.service");
    BOOST_TEST(world.engine.find("c.service") != nullptr);
    world.stop("a.service");
    BOOST_TEST(world.engine.units().empty());
}

BOOST_AUTO_TEST_CASE(a_failed_unit_is_not_forgotten_unless_it_may_be_collected) {
    World world;
    world.add("a.service").add("b.service", "CollectMode=inactive-or-failed");
    world.hear_forgotten();
    for (const char* const name : {"a.service", "b.service"}) {
        world.start(name);
        world.move(name, ActiveState::failed);
    }
    BOOST_TEST(join(world.forgotten) == "b.service");
    world.engine.reset_failed(world.unit("a.service"));
    world.engine.run_due();
    BOOST_TEST(world.engine.units().empty());
}

BOOST_AUTO_TEST_CASE(a_unit_with_a_job_or_a_leftover_process_is_not_forgotten) {
    World world;
    world.add("a.service").add("b.service");
    world.hear_forgotten();
    world.actor("a.service").on_start = test::Actor::Plan::again;
    world.start("a.service");
    BOOST_TEST(world.engine.find("a.service") != nullptr);
    world.start("b.service");
    world.surroundings.with_processes.insert("b.service");
    world.stop("b.service");
    BOOST_TEST(world.engine.find("b.service") != nullptr);
    world.surroundings.with_processes.clear();
    world.actor("b.service").end_use();
    world.engine.run_due();
    BOOST_TEST(join(world.forgotten) == "b.service");
}

BOOST_AUTO_TEST_CASE(a_unit_to_which_no_unit_refers_after_a_reload_is_forgotten) {
    World world;
    world.add("a.service", "After=b.service").add("b.service");
    world.hear_forgotten();
    world.start("a.service");
    world.add("a.service", "Description=new");
    world.engine.reload_files();
    world.engine.run_due();
    BOOST_TEST(join(world.forgotten) == "b.service");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(reading_files_again)

BOOST_AUTO_TEST_CASE(a_reload_replaces_the_dependencies_of_a_unit) {
    World world;
    world.add("a.service", "Requires=b.service").add("b.service").add("c.service");
    world.start("a.service");
    world.add("a.service", "Description=new\nRequires=c.service");
    world.engine.reload_files();
    BOOST_TEST(world.unit("a.service").label() == "a.service - new");
    BOOST_TEST(world.state("a.service") == "active");
    world.stop("b.service");
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(world.is_called_in_order("start a.service", "settings a.service"));
}

BOOST_AUTO_TEST_CASE(a_unit_whose_file_is_gone_stays_until_it_stops) {
    World world;
    world.add("a.service").add("b.service");
    world.start("a.service");
    world.files.files.erase("/units/a.service");
    world.engine.reload_files();
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST((world.unit("a.service").loaded().state == unit::LoadState::not_found));
    BOOST_TEST(world.stop("a.service") == "ok");
    BOOST_TEST(world.start("a.service") == "NoSuchUnit");
}

BOOST_AUTO_TEST_CASE(a_running_unit_is_not_merged_with_its_new_alias) {
    World world;
    world.add("a.service").add("b.service");
    world.start("a.service");
    world.start("b.service");
    world.files.files["/units/b.service"] = "-> a.service";
    world.engine.reload_files();
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(&world.unit("b.service") != &world.unit("a.service"));
    BOOST_TEST(world.stop("b.service") == "ok");
}

BOOST_AUTO_TEST_CASE(a_running_unit_gets_the_new_name_of_its_file) {
    World world;
    world.add("a.service").add("user.service", "Wants=a.service b.service");
    world.start("user.service");
    Unit& unit = world.unit("a.service");
    world.files.files["/units/b.service"] = world.files.files["/units/a.service"];
    world.files.files["/units/a.service"] = "-> b.service";
    world.engine.reload_files();
    BOOST_TEST(&world.unit("a.service") == &unit);
    BOOST_TEST(&world.unit("b.service") == &unit);
    BOOST_TEST(unit.id() == "b.service");
    BOOST_TEST(unit.key() == "a.service");
    BOOST_TEST(world.state("b.service") == "active");
    world.files.files.erase("/units/a.service");
    world.engine.reload_files();
    BOOST_TEST(&world.unit("a.service") == &unit);
    world.engine.enqueue(JobType::stop, unit, unit::JobMode::replace);
    world.engine.run_due();
    world.engine.reload_files();
    BOOST_TEST(world.state("b.service") == "inactive");
    BOOST_TEST(world.unit("b.service").key() == "b.service");
    BOOST_TEST(&world.unit("a.service") != &world.unit("b.service"));
}

BOOST_AUTO_TEST_CASE(two_running_units_do_not_get_the_same_name) {
    World world;
    world.add("a.service").add("b.service");
    world.start("a.service");
    world.start("b.service");
    world.add("c.service");
    world.files.files["/units/a.service"] = "-> c.service";
    world.files.files["/units/b.service"] = "-> c.service";
    world.engine.reload_files();
    Unit& renamed = world.unit("c.service");
    BOOST_TEST(renamed.key() == "a.service");
    BOOST_TEST(&world.unit("b.service") != &renamed);
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.stop("b.service") == "ok");
    BOOST_TEST(world.state("c.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_unit_that_is_renamed_twice_keeps_its_first_key) {
    World world;
    world.add("a.service");
    world.start("a.service");
    world.add("b.service").files.files["/units/a.service"] = "-> b.service";
    world.engine.reload_files();
    world.add("c.service").files.files["/units/b.service"] = "-> c.service";
    world.engine.reload_files();
    BOOST_TEST(world.state("c.service") == "active");
    BOOST_TEST(world.unit("c.service").key() == "a.service");
}

BOOST_AUTO_TEST_CASE(a_queued_unit_that_becomes_an_alias_is_skipped) {
    World world;
    world.add("a.service").add("b.service");
    world.start("b.service");
    world.actor("b.service").become(ActiveState::inactive);
    BOOST_TEST(world.engine.next_deadline() == 1U);
    world.add("c.service").files.files["/units/b.service"] = "-> a.service";
    world.engine.reload_files();
    world.engine.run_due();
    BOOST_TEST(world.engine.next_deadline() == 0U);
    BOOST_TEST(&world.unit("b.service") == &world.unit("a.service"));
}

BOOST_AUTO_TEST_CASE(a_job_that_becomes_impossible_on_reload_ends) {
    World world;
    world.add("a.service", "After=z.service").add("b.service", "After=z.service");
    world.add("c.service", "After=z.service").add("z.service");
    for (const char* const name : {"b.service", "c.service"}) {
        world.start(name);
        world.actor(name).reloads = true;
    }
    world.actor("z.service").on_start = Plan::later;
    world.start("z.service");
    world.start("a.service");
    world.ask(JobType::reload, "b.service");
    world.ask(JobType::reload, "c.service");
    BOOST_TEST((to_string(world.unit("a.service").job->state) == "waiting"));
    BOOST_TEST((to_string(world.unit("z.service").job->state) == "running"));
    world.files.files.erase("/units/a.service");
    world.files.files.erase("/units/b.service");
    world.actor("c.service").reloads = false;
    world.engine.reload_files();
    world.move("z.service", ActiveState::active);
    BOOST_TEST(world.has("a.service/start failed"));
    BOOST_TEST(world.has("b.service/reload failed"));
    BOOST_TEST(world.has("c.service/reload skipped"));
}

BOOST_AUTO_TEST_CASE(a_nop_job_survives_a_reload) {
    World world;
    world.add("a.service");
    world.engine.enqueue(JobType::try_restart, world.unit("a.service"), JobMode::replace);
    BOOST_TEST(world.unit("a.service").nop_job);
    world.engine.reload_files();
    world.engine.run_due();
    BOOST_TEST(join(world.results) == "a.service/nop done");
    world.engine.hooks.on_job_end = nullptr;
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_missing_unit_becomes_an_alias_on_reload) {
    World world;
    world.add("a.service").add("user.service", "Wants=b.service\nAfter=b.service");
    world.start("user.service");
    BOOST_TEST(&world.unit("b.service") != &world.unit("a.service"));
    std::vector<std::string> forgotten;
    world.engine.hooks.on_forget = [&](Unit& unit) { forgotten.push_back(unit.id()); };
    world.files.files["/units/b.service"] = "-> a.service";
    world.engine.reload_files();
    BOOST_TEST(&world.unit("b.service") == &world.unit("a.service"));
    BOOST_TEST(join(forgotten) == "b.service");
    world.stop("user.service");
    world.start("user.service");
    BOOST_TEST(world.state("a.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_unit_is_found_by_a_new_alias) {
    World world;
    world.add("a.service");
    world.start("a.service");
    world.files.files["/units/b.service"] = "-> a.service";
    world.engine.reload_files();
    BOOST_TEST(&world.unit("b.service") == &world.unit("a.service"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(missing_units)

/// A world that scans its directories whenever a file was added.
struct ScannedWorld : World {
    ScannedWorld() {
        engine.hooks.before_loading = [this] { return files.files.size(); };
    }
};

BOOST_AUTO_TEST_CASE(a_missing_unit_is_found_without_a_reload) {
    ScannedWorld world;
    world.add("user.service", "Wants=b.service\nAfter=b.service");
    world.start("user.service");
    BOOST_TEST(world.start("b.service") == "NoSuchUnit");
    world.add("b.service", "Wants=c.service").add("c.service");
    BOOST_TEST(world.start("b.service") == "ok");
    BOOST_TEST(world.state("c.service") == "active");
    BOOST_TEST(
        world.unit("b.service").dependencies.has(Effect::before, world.unit("user.service")));
}

BOOST_AUTO_TEST_CASE(a_missing_dependency_is_found_by_a_request_for_another_unit) {
    ScannedWorld world;
    world.add("user.service", "Wants=b.service\nAfter=b.service");
    world.start("user.service");
    world.stop("user.service");
    world.add("b.service");
    world.start("user.service");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.is_called_in_order("start b.service", "start user.service"));
}

BOOST_AUTO_TEST_CASE(a_missing_instance_is_found_with_its_new_template) {
    ScannedWorld world;
    world.add("user.service", "Wants=b@1.service");
    world.start("user.service");
    world.add("b@.service");
    BOOST_TEST(world.start("b@1.service") == "ok");
}

BOOST_AUTO_TEST_CASE(a_missing_unit_becomes_an_alias_with_its_dependencies) {
    ScannedWorld world;
    world.hear_forgotten();
    world.add("a.service").add("user.service", "Wants=b.service a.service\nAfter=b.service");
    world.start("user.service");
    world.files.files["/units/b.service"] = "-> a.service";
    BOOST_TEST(world.start("user.service") == "ok");
    Unit& unit = world.unit("b.service");
    BOOST_TEST(&unit == &world.unit("a.service"));
    BOOST_TEST(unit.dependencies.has(Effect::before, world.unit("user.service")));
    BOOST_TEST(unit.dependencies.has(Effect::referenced_by, world.unit("user.service")));
    BOOST_TEST(world.is_called_in_order("start a.service", "start user.service"));
    BOOST_TEST(join(world.forgotten) == "b.service");
    BOOST_TEST(world.unit("user.service").dependencies.edges().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_missing_unit_becomes_an_alias_of_a_new_unit) {
    ScannedWorld world;
    world.add("user.service", "Wants=b.service");
    world.start("user.service");
    world.add("a.service").files.files["/units/b.service"] = "-> a.service";
    BOOST_TEST(world.start("b.service") == "ok");
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(&world.unit("b.service") == &world.unit("a.service"));
}

BOOST_AUTO_TEST_CASE(a_running_unit_gets_the_settings_of_its_restored_file) {
    ScannedWorld world;
    world.add("b.service");
    world.start("b.service");
    world.files.files.erase("/units/b.service");
    world.engine.reload_files();
    BOOST_TEST(world.start("b.service") == "NoSuchUnit");
    world.add("b.service", "Description=Is back").add("other.service");
    BOOST_TEST(world.unit("b.service").label() == "b.service - Is back");
    BOOST_TEST(world.state("b.service") == "active");
}

BOOST_AUTO_TEST_CASE(a_loaded_unit_is_read_again_only_by_a_reload) {
    ScannedWorld world;
    world.add("b.service", "Description=Before");
    world.unit("b.service");
    world.add("b.service", "Description=After").add("other.service");
    BOOST_TEST(world.unit("b.service").label() == "b.service - Before");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(deadlines_of_units)

BOOST_AUTO_TEST_CASE(the_next_deadline_is_the_earliest_deadline_of_all_units) {
    World world;
    world.add("a.service").add("b.service");
    const std::uint64_t now = world.surroundings.clock;
    world.actor("a.service").set_alarm(now + 3'000'000);
    world.actor("b.service").set_alarm(now + 2'000'000);
    world.engine.run_due();
    BOOST_TEST(world.engine.next_deadline() == now + 2'000'000);
    world.pass(2);
    BOOST_TEST(join(world.calls) == "deadline b.service");
    BOOST_TEST(world.engine.next_deadline() == now + 3'000'000);
    world.pass(1);
    BOOST_TEST(join(world.calls) == "deadline b.service, deadline a.service");
    BOOST_TEST(world.engine.next_deadline() == 0);
}

BOOST_AUTO_TEST_CASE(a_unit_with_a_postponed_deadline_is_not_called) {
    World world;
    world.add("a.service");
    const std::uint64_t now = world.surroundings.clock;
    world.actor("a.service").set_alarm(now + 1'000'000);
    world.actor("a.service").alarm = now + 5'000'000;
    world.pass(1);
    BOOST_TEST(world.calls.empty());
    BOOST_TEST(world.engine.next_deadline() == now + 5'000'000);
    world.pass(4);
    BOOST_TEST(join(world.calls) == "deadline a.service");
    world.actor("a.service").set_alarm(now + 9'000'000);
    world.actor("a.service").alarm = 0;
    world.pass(9);
    BOOST_TEST(join(world.calls) == "deadline a.service");
    BOOST_TEST(world.engine.next_deadline() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(requests_by_hand)

BOOST_AUTO_TEST_CASE(refuse_manual_start_allows_a_start_as_dependency) {
    World world;
    world.add("a.service", "Requires=b.service").add("b.service", "RefuseManualStart=yes");
    const Unit& unit = world.unit("b.service");
    for (const JobType type :
         {JobType::start, JobType::restart, JobType::try_restart, JobType::reload_or_start})
        BOOST_TEST(refuse_by_hand(type, unit)->error == "OnlyByDependency");
    BOOST_TEST(!refuse_by_hand(JobType::stop, unit));
    world.start("a.service");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(!refuse_by_hand(JobType::reload_or_start, unit));
}

BOOST_AUTO_TEST_CASE(refuse_manual_stop_also_refuses_a_restart) {
    World world;
    world.add("a.service", "RefuseManualStop=yes");
    const Unit& unit = world.unit("a.service");
    BOOST_TEST(refuse_by_hand(JobType::stop, unit)->error == "OnlyByDependency");
    BOOST_TEST(refuse_by_hand(JobType::restart, unit)->error == "OnlyByDependency");
    BOOST_TEST(!refuse_by_hand(JobType::start, unit));
}

BOOST_AUTO_TEST_CASE(stopping_a_missing_unit_is_refused) {
    World world;
    const auto refusal = refuse_by_hand(JobType::stop, world.unit("a.service"));
    BOOST_TEST(refusal->error == "NoSuchUnit");
    BOOST_TEST(refusal->text == "Unit a.service not loaded.");
    world.add("b.service").files.files["/units/b.service"] += "DynamicUser=maybe\n";
    BOOST_TEST(refuse_by_hand(JobType::stop, world.unit("b.service"))->error == "NoSuchUnit");
    // An active unit can be stopped, even if its file is gone.
    world.add("c.service");
    world.start("c.service");
    world.files.files.erase("/units/c.service");
    world.engine.reload_files();
    BOOST_TEST(!refuse_by_hand(JobType::stop, world.unit("c.service")));
}

BOOST_AUTO_TEST_CASE(an_invalid_unit_name_is_refused) {
    BOOST_TEST(refuse_name("a")->text == "Unit name a is not valid.");
    BOOST_TEST(refuse_name("a@.service")->text
               == "Unit name a@.service is missing the instance name.");
    BOOST_TEST(!refuse_name("a@b.service"));
}

/// Returns the refusal of an engine whose units all fail to load with this error.
std::string refusal_of(int error) {
    FakeSurroundings surroundings;
    Engine engine(
        surroundings,
        [error](const unit::UnitName& name) {
            load::LoadedUnit loaded(name);
            loaded.state = unit::LoadState::error;
            loaded.error = error;
            return loaded;
        },
        [](Engine& owner, load::LoadedUnit loaded) {
            return std::make_unique<UnsupportedUnit>(owner, std::move(loaded));
        });
    const Unit& unit = engine.unit(unit::test::name("a.service"));
    BOOST_TEST(refuse_by_hand(JobType::stop, unit)->error == "NoSuchUnit");
    const auto refusal = refuse_job(JobType::start, unit);
    BOOST_TEST(!refusal->is_systemds);
    return refusal->error;
}

BOOST_AUTO_TEST_CASE(a_read_error_has_systemds_d_bus_error_name) {
    BOOST_TEST(refusal_of(EPERM) == "AccessDenied");
    BOOST_TEST(refusal_of(EACCES) == "AccessDenied");
    BOOST_TEST(refusal_of(EBADMSG) == "InconsistentMessage");
    BOOST_TEST(refusal_of(EINVAL) == "InvalidArgs");
    BOOST_TEST(refusal_of(EIO) == "IOError");
}

BOOST_AUTO_TEST_CASE(a_unit_of_an_unsupported_type_is_not_restarted) {
    World world;
    world.files.files["/units/a.mount"] = "[Unit]\nDefaultDependencies=no\n";
    BOOST_TEST(world.ask(JobType::restart, "a.mount") == "JobTypeNotApplicable");
}

BOOST_AUTO_TEST_CASE(reload_or_restart_reloads_a_unit_if_possible) {
    World world;
    world.add("a.service");
    const Unit& unit = world.unit("a.service");
    BOOST_TEST((reload_if_possible(JobType::restart, unit) == JobType::restart));
    world.actor("a.service").reloads = true;
    BOOST_TEST((reload_if_possible(JobType::restart, unit) == JobType::reload_or_start));
    BOOST_TEST((reload_if_possible(JobType::try_restart, unit) == JobType::try_reload));
}

BOOST_AUTO_TEST_CASE(a_reload_by_the_unit_itself_is_propagated) {
    World world;
    world.add("a.service", "PropagatesReloadTo=b.service").add("b.service");
    world.actor("b.service").reloads = true;
    world.start("a.service");
    world.start("b.service");
    world.calls.clear();
    world.engine.propagate_reload(world.unit("a.service"));
    world.engine.run_due();
    BOOST_TEST(join(world.calls) == "reload b.service");
}

BOOST_AUTO_TEST_CASE(a_reload_is_not_propagated_to_a_stopping_unit) {
    World world;
    world.add("a.service", "PropagatesReloadTo=b.service").add("b.service");
    world.add("c.service", "After=b.service");
    for (const char* const name : {"a.service", "b.service", "c.service"})
        world.start(name);
    world.actor("b.service").reloads = true;
    world.actor("c.service").on_stop = Plan::later;
    world.stop("c.service");
    world.stop("b.service");
    world.calls.clear();
    world.engine.propagate_reload(world.unit("a.service"));
    world.engine.run_due();
    BOOST_TEST(world.calls.empty());
    BOOST_TEST((world.unit("b.service").job->type == JobType::stop));
}

BOOST_AUTO_TEST_CASE(each_activation_of_a_unit_has_its_own_id) {
    World world;
    world.add("a.service");
    int count = 0;
    world.engine.hooks.make_invocation_id = [&] { return std::to_string(++count); };
    world.start("a.service");
    BOOST_TEST(world.unit("a.service").invocation_id == "1");
    world.start("a.service");
    BOOST_TEST(world.unit("a.service").invocation_id == "1");
    const std::uint64_t first = world.unit("a.service").invocation_began;
    world.pass(1);
    world.ask(JobType::restart, "a.service");
    BOOST_TEST(world.unit("a.service").invocation_id == "2");
    BOOST_TEST(world.unit("a.service").invocation_began == first + 1'000'000);
}

BOOST_AUTO_TEST_CASE(a_long_round_of_starts_pauses_after_some_milliseconds) {
    World world;
    constexpr std::size_t count = 100;
    std::string all = "Wants=";
    for (std::size_t number = 0; number < count; ++number) {
        const std::string name = "a" + std::to_string(number) + ".service";
        world.add(name);
        all += name + ' ';
    }
    world.add("all.target", all);
    // Each change of state takes one millisecond, and a start changes the state twice.
    world.engine.hooks.on_change = [&](Unit&, ActiveState) { world.surroundings.clock += 1000; };
    world.engine.enqueue(JobType::start, world.unit("all.target"), JobMode::replace);
    std::size_t turns = 0;
    for (std::size_t before = 0; world.calls.size() < count; before = world.calls.size()) {
        world.engine.run_due();
        BOOST_TEST_REQUIRE(world.calls.size() > before);
        BOOST_TEST(world.calls.size() - before <= 3);
        // The engine requests its next turn at once.
        if (world.calls.size() < count)
            BOOST_TEST(world.engine.next_deadline() == 1U);
        ++turns;
    }
    BOOST_TEST(turns > count / 4);
    BOOST_TEST(world.state("all.target") == "active");
    BOOST_TEST(world.engine.jobs().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager
