#include "init/rules/unit_types/process_unit.hpp"

#include <signal.h>

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

/// A unit with the commands of a service. It reacts to no event.
class PlainUnit : public ProcessUnit {
public:
    PlainUnit(manager::Engine& engine, Processes& processes, load::LoadedUnit loaded)
        : ProcessUnit(engine, processes, std::move(loaded)) {}

    using ProcessUnit::alarm_;
    using ProcessUnit::control_;
    using ProcessUnit::control_command;
    using ProcessUnit::log_end;
    using ProcessUnit::next_control;
    using ProcessUnit::note;
    using ProcessUnit::report_failure;
    using ProcessUnit::signal_processes;
    using ProcessUnit::warn_of_leftovers;
    unsigned timeouts = 0;

    manager::ActiveState active_state() const override { return manager::ActiveState::active; }
    std::string_view sub_state() const override { return "running"; }
    manager::Verdict start() override { return manager::Verdict::already; }
    manager::Verdict stop() override { return manager::Verdict::already; }

    bool run(CommandKind kind, std::size_t index) {
        const ProcessRequest request{
            .unit = *this, .command = list(kind)[index], .environment = {}};
        return control_.start(processes_, request, kind, index).has_value();
    }

private:
    const unit::Commands& commands_of(const unit::Settings& settings,
                                      CommandKind kind) const override {
        return commands(settings.service, kind);
    }
    void timed_out() override { ++timeouts; }
};

struct PlainScene : test::ServiceScene {
    explicit PlainScene(const std::string& lines = "")
        : ServiceScene("ExecStartPre=/one\nExecStartPre=/two\nExecStart=/main\n" + lines) {}

    PlainUnit unit{engine, world, service().loaded()};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(process_unit)

BOOST_FIXTURE_TEST_CASE(the_first_failure_of_a_unit_is_its_result, PlainScene) {
    BOOST_TEST(unit.result() == "success");
    unit.note(Result::success);
    unit.note(Result::timeout);
    unit.note(Result::signal);
    BOOST_TEST(unit.result() == "timeout");
}

BOOST_FIXTURE_TEST_CASE(only_a_failure_of_a_unit_is_reported, PlainScene) {
    BOOST_TEST(!unit.report_failure());
    unit.note(Result::exec_condition);
    BOOST_TEST(!unit.report_failure());
    BOOST_TEST(world.said.empty());

    PlainUnit other(engine, world, service().loaded());
    other.note(Result::core_dump);
    BOOST_TEST(other.report_failure());
    BOOST_TEST(world.said.back() == "Failed with result 'core-dump'.");
}

BOOST_FIXTURE_TEST_CASE(only_the_end_of_a_failed_process_is_logged_as_notice, PlainScene) {
    ExecStatus run = ExecStatus::started(7, world.now());
    run.ended(process::ExitStatus::exited(0), false, world.now());
    unit.log_end("ExecStop", run, Result::success);
    BOOST_TEST((world.severities.back() == util::Severity::debug));
    run.ended(process::ExitStatus::exited(3), false, world.now());
    unit.log_end("ExecStop", run, Result::exit_code);
    BOOST_TEST((world.severities.back() == util::Severity::notice));
    BOOST_TEST(world.said.back() == "ExecStop" + run.end_text());
}

BOOST_FIXTURE_TEST_CASE(the_alarm_of_a_unit_reports_a_timeout_once, PlainScene) {
    BOOST_TEST(unit.deadline() == 0u);
    unit.alarm_.set(world.clock, std::chrono::seconds(5));
    BOOST_TEST(unit.deadline() == world.clock + 5'000'000);
    world.clock += 4'999'999;
    unit.deadline_passed();
    BOOST_TEST(unit.timeouts == 0u);
    world.clock += 1;
    unit.deadline_passed();
    BOOST_TEST(unit.timeouts == 1u);
    BOOST_TEST(unit.deadline() == 0u);
    unit.deadline_passed();
    BOOST_TEST(unit.timeouts == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_unit_without_a_main_process_owns_only_its_control_process, PlainScene) {
    BOOST_TEST_REQUIRE(unit.run(CommandKind::start_pre, 0));
    BOOST_TEST(unit.control_pid() == world.find("/one"));
    BOOST_TEST(unit.own_processes()->control == unit.control_pid());
    BOOST_TEST(unit.own_processes()->main == 0);
}

BOOST_FIXTURE_TEST_CASE(the_next_command_comes_from_the_same_list, PlainScene) {
    BOOST_TEST_REQUIRE(unit.run(CommandKind::start_pre, 0));
    BOOST_TEST(unit.control_command()->path == "/one");
    BOOST_TEST((unit.next_control() == std::optional<std::size_t>(1)));
    BOOST_TEST_REQUIRE(unit.run(CommandKind::start_pre, 1));
    BOOST_TEST(unit.control_command()->path == "/two");
    BOOST_TEST((unit.next_control() == std::nullopt));
}

BOOST_FIXTURE_TEST_CASE(a_reload_may_remove_the_running_command, PlainScene) {
    BOOST_TEST_REQUIRE(unit.run(CommandKind::start_pre, 0));
    // In the old files, another command was running. The new files do not have this command.
    unit::Settings before = unit.settings();
    before.service.exec_start_pre.edit().front().path = "/gone";
    unit.settings_replaced(before);
    BOOST_TEST(!unit.control_command());
}

BOOST_FIXTURE_TEST_CASE(the_last_run_is_found_by_its_command, PlainScene) {
    const unit::Commands& list = unit.settings().service.exec_start_pre;
    BOOST_TEST_REQUIRE(unit.run(CommandKind::start_pre, 1));
    const pid_t pid = unit.control_pid();
    BOOST_TEST(unit.last_run(list[0]).pid == 0);
    BOOST_TEST(unit.last_run(list[1]).pid == pid);
    BOOST_TEST(unit.last_run(list[1]).code == 0);
    unit.control_.ended(process::ExitStatus::exited(3), false, world.now());
    BOOST_TEST(unit.last_run(list[1]).code == CLD_EXITED);
    BOOST_TEST(unit.last_run(list[1]).status == 3);
    const unit::Command copy = list[1];
    BOOST_TEST(unit.last_run(copy).pid == 0);
}

BOOST_FIXTURE_TEST_CASE(leftover_processes_cause_a_warning, PlainScene) {
    BOOST_TEST(!unit.warn_of_leftovers());
    BOOST_TEST_REQUIRE(unit.run(CommandKind::start_pre, 0));
    BOOST_TEST(!unit.warn_of_leftovers());
    world.start(unit.id(), "/child");
    BOOST_TEST(unit.warn_of_leftovers());
    BOOST_TEST(
        world.said.back()
        == "processes of an earlier run are still running; stop them if they disturb the new run.");
}

BOOST_FIXTURE_TEST_CASE(signals_reach_the_control_process_and_all_other_processes, PlainScene) {
    BOOST_TEST(!unit.signal_processes(KillOperation::terminate));
    BOOST_TEST_REQUIRE(unit.run(CommandKind::start_pre, 0));
    world.start(unit.id(), "/child");
    BOOST_TEST(unit.signal_processes(KillOperation::terminate));
    BOOST_TEST(world.sent("/one 15"));
    BOOST_TEST(world.sent("/child 15"));
}

BOOST_AUTO_TEST_CASE(kill_mode_none_sends_no_signal) {
    PlainScene scene("KillMode=none\n");
    BOOST_TEST_REQUIRE(scene.unit.run(CommandKind::start_pre, 0));
    BOOST_TEST(!scene.unit.signal_processes(KillOperation::kill));
    BOOST_TEST(scene.world.signals.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
