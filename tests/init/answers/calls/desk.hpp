#pragma once

#include <string>
#include <vector>

#include "init/answers/calls/calls.hpp"
#include "init/rules/unit_types/scene.hpp"

namespace notifybridge::calls::test {

/// A fake that replaces the processes of the units.
class FakeRunning : public manager::RunningUnits {
public:
    FakeRunning(manager::Engine& engine, unsigned& changes) : engine_(engine), changes_(changes) {}

    manager::Unit* unit_of(pid_t pid) override {
        return engine_.find(pid % 2 == 0 ? "a.service" : "nobody's");
    }
    std::vector<pid_t> processes_of(const manager::Unit&) override { return {}; }
    manager::UnitIds ids_of(const manager::Unit&) const override { return {}; }
    manager::GroupUsage usage_of(const manager::Unit&) const override { return {}; }
    unsigned stored_fds(const manager::Unit&) override { return 0; }
    std::vector<std::string> log(const manager::Unit&, std::size_t lines, util::Severity,
                                 std::uint64_t) const override {
        return std::vector<std::string>(std::min<std::size_t>(lines, 20), "\xff\x1b");
    }
    void set_on_line(OnLine) override {}
    std::string kill_by_hand(const manager::Unit&, manager::KillWhom, int) override {
        ++changes_;
        return changes_ % 2 == 0 ? "No main process to kill" : "";
    }

private:
    manager::Engine& engine_;
    unsigned& changes_;
};

/// A `Calls` object and its manager. Each test decides when the units' processes end.
class Desk : public unit_types::test::Scene {
public:
    Desk() {
        engine.hooks.on_job_end = [this](const manager::Job& job, manager::JobResult result) {
            calls.job_ended(job, result);
        };
        engine.hooks.on_change = [this](const manager::Unit& unit, manager::ActiveState) {
            calls.unit_changed(unit);
        };
    }

    void run() {
        while (calls.enqueue_next())
            engine.run_due();
        engine.run_due();
    }

    unsigned changes = 0;
    bool is_up = false;
    properties::PlannedEnd planned;
    FakeRunning running{engine, changes};
    install::UnitFiles files{"/nowhere", "", {}};
    manager::ManagerEnvironment environment{{}};
    system::Moment boot_end;
    properties::Daemon daemon{running,
                              files,
                              environment,
                              boot_end,
                              [this] { return std::string_view(is_up ? "running" : "starting"); },
                              [this](const std::function<void()>& done) {
                                  ++changes;
                                  engine.reload_files();
                                  done();
                              },
                              [this](std::uint8_t) { ++changes; },
                              [this](properties::PlannedEnd end) { planned = std::move(end); },
                              [this]() -> const properties::PlannedEnd& { return planned; }};
    Calls calls{engine, daemon};
};

}  // namespace notifybridge::calls::test
