#pragma once

#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "init/files/load/built_in.hpp"
#include "init/files/load/map_source.hpp"
#include "init/files/load/unit_index.hpp"
#include "init/files/unit/names.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/manager/surroundings.hpp"
#include "init/rules/manager/unsupported_unit.hpp"
#include "init/rules/unit_types/target.hpp"

/// Replaces the system in tests of the engine: unit files in memory, surroundings that record
/// calls, and units that a test controls.
namespace notifybridge::manager::test {

/// Surroundings that record calls, and give the answers that a test has set.
class FakeSurroundings : public Surroundings {
public:
    std::uint64_t clock = 1'000'000;
    std::vector<std::string> said;
    std::vector<std::string> ended;
    std::set<std::string> with_processes;  ///< The units that have processes.
    std::set<std::string> mount_points;
    /// The results of conditions by their parameters. A condition that is not listed holds.
    std::map<std::string, bool> facts;
    bool are_conditions_known = true;

    system::Moment now() const override { return {clock + 1'000'000'000, clock}; }
    bool can_test(const Unit&) override { return are_conditions_known; }
    bool holds(const Unit&, const std::vector<unit::Condition>& conditions,
               unit::UnmetConditions& unmet) override {
        for (const unit::Condition& condition : conditions)
            if (facts.contains(condition.parameter) && !facts.at(condition.parameter)) {
                unmet.push_back(&condition);
                return false;
            }
        return true;
    }
    bool is_mount_point(const std::string& path) override { return mount_points.contains(path); }
    bool has_processes(const Unit& unit) override { return with_processes.contains(unit.id()); }
    void end(unit::EmergencyAction action, int status) override {
        ended.push_back(std::to_string(static_cast<int>(action)) + "/" + std::to_string(status));
    }
    void say(util::Severity, const Unit* unit, std::string_view text) override {
        said.push_back((unit ? unit->id() + ": " : "") + std::string(text));
    }

    bool has_said(std::string_view text) const {
        return std::find(said.begin(), said.end(), text) != said.end();
    }
};

/// A unit that starts, stops and reloads as a test has set: at once, or later.
class Actor : public Unit {
public:
    using Unit::Unit;

    enum class Plan {
        at_once,
        later,     ///< The change lasts until the test completes it.
        fails,     ///< The unit fails.
        is_over,   ///< The start succeeds, but the unit is inactive again, like a oneshot service.
        restarts,  ///< The unit fails, and will restart by itself.
        refused,   ///< The unit reports a failure, and its state does not change.
        again,     ///< The unit cannot change its state now.
    };
    Plan on_start = Plan::at_once;
    Plan on_stop = Plan::at_once;
    Plan on_reload = Plan::at_once;
    bool reloads = false;
    std::uint64_t alarm = 0;
    std::vector<std::string>* calls = nullptr;

    ActiveState active_state() const override { return state_; }
    std::string_view sub_state() const override { return to_string(state_); }
    bool can_reload() const override { return reloads || Unit::can_reload(); }
    std::uint64_t deadline() const override { return alarm; }
    std::optional<std::uint8_t> exit_status() const override { return 7; }

    Verdict start() override {
        note("start");
        return follow(on_start, ActiveState::activating, ActiveState::active);
    }
    Verdict stop() override {
        note("stop");
        return follow(on_stop, ActiveState::deactivating, ActiveState::inactive);
    }
    Verdict reload() override {
        if (!reloads)
            return Unit::reload();
        note("reload");
        return follow(on_reload, ActiveState::reloading, ActiveState::active);
    }
    void reset_failed() override {
        if (state_ == ActiveState::failed)
            become(ActiveState::inactive);
    }
    void start_limited() override { become(ActiveState::failed); }
    void deadline_passed() override {
        note("deadline");
        alarm = 0;
    }
    void settings_changed() override { note("settings"); }
    void trigger_changed(Unit& unit) override { note("hears of " + unit.id()); }

    void become(ActiveState state, bool reload_failed = false) {
        const ActiveState before = std::exchange(state_, state);
        changed(before, reload_failed);
    }
    void set_alarm(std::uint64_t when) {
        alarm = when;
        deadline_changed();
    }
    void end_use() { use_ended(); }

private:
    void note(const std::string& what) {
        if (calls)
            calls->push_back(what + ' ' + id());
    }

    Verdict follow(Plan plan, ActiveState on_the_way, ActiveState end) {
        switch (plan) {
            case Plan::refused:
                return Verdict::failed;
            case Plan::again:
                return Verdict::again;
            case Plan::later:
                become(on_the_way);
                break;
            case Plan::at_once:
                become(on_the_way);
                become(end);
                break;
            case Plan::is_over:
                become(on_the_way);
                become(ActiveState::inactive);
                break;
            case Plan::restarts:
                become(on_the_way);
                become(ActiveState::failed);
                become(ActiveState::activating);
                break;
            case Plan::fails:
                become(on_the_way);
                become(ActiveState::failed);
                break;
        }
        return Verdict::begun;
    }

    ActiveState state_ = ActiveState::inactive;
};

using Plan = Actor::Plan;

/// Unit files, and an engine that reads them.
class World {
public:
    load::test::MapSource files;
    FakeSurroundings surroundings;
    std::vector<std::string> calls;      ///< The operations in order, such as "start a.service".
    std::vector<std::string> forgotten;  ///< The forgotten units, after `hear_forgotten`.
    /// The ended jobs and their results: "a.service/start done".
    std::vector<std::string> results;
    Engine engine{
        surroundings, [this](const unit::UnitName& name) { return load(name); },
        [this](Engine& owner, load::LoadedUnit loaded) { return make(owner, std::move(loaded)); }};

    /// Creates a world. `has_built_in` adds the built-in units.
    explicit World(bool has_built_in = false) {
        if (has_built_in)
            directories_.push_back(load::built_in_directory);
        engine.hooks.on_job_end = [this](const Job& job, JobResult result) {
            results.push_back(job.unit.id() + '/' + std::string(to_string(job.type)) + ' '
                              + std::string(to_string(result)));
        };
    }

    /// Adds a unit without default dependencies. `text` is its [Unit] section.
    World& add(const std::string& name, const std::string& text = "") {
        return add_default(name, "DefaultDependencies=no\n" + text);
    }
    World& add_default(const std::string& name, const std::string& text = "") {
        std::string file = "[Unit]\n" + text + "\n";
        if (name.ends_with(".service"))
            file += "[Service]\nExecStart=/bin/true\n";
        if (name.ends_with(".socket"))
            file += "[Socket]\nListenStream=/run/x\n";
        files.files["/units/" + name] = file;
        return *this;
    }

    /// Lets the engine forget units, and records the forgotten units.
    void hear_forgotten() {
        engine.hooks.on_forget = [this](Unit& unit) { forgotten.push_back(unit.id()); };
    }

    Unit& unit(std::string_view name) { return engine.unit(unit::test::name(name)); }
    Actor& actor(std::string_view name) { return dynamic_cast<Actor&>(unit(name)); }
    std::string state(std::string_view name) {
        return std::string(to_string(unit(name).active_state()));
    }

    /// Requests a job, and runs the engine while there is something to do at once. Returns "ok", or
    /// the refusal.
    std::string ask(JobType type, std::string_view name,
                    unit::JobMode mode = unit::JobMode::replace) {
        const auto enqueued = engine.enqueue(type, unit(name), mode);
        engine.run_due();
        return enqueued.job != 0 ? "ok" : enqueued.refusal.error;
    }
    std::string start(std::string_view name, unit::JobMode mode = unit::JobMode::replace) {
        return ask(JobType::start, name, mode);
    }
    std::string stop(std::string_view name, unit::JobMode mode = unit::JobMode::replace) {
        return ask(JobType::stop, name, mode);
    }
    void move(std::string_view name, ActiveState state) {
        actor(name).become(state);
        engine.run_due();
    }
    void pass(std::uint64_t seconds) {
        surroundings.clock += seconds * 1'000'000;
        engine.run_due();
    }

    bool is_called_in_order(std::string_view one, std::string_view other) const {
        const auto first = std::find(calls.begin(), calls.end(), one);
        return std::find(first, calls.end(), other) != calls.end();
    }
    bool has(std::string_view result) const {
        return std::find(results.begin(), results.end(), result) != results.end();
    }
    std::string said() const {
        std::string all;
        for (const std::string& one : surroundings.said)
            all += one + '\n';
        return all;
    }

private:
    load::LoadedUnit load(const unit::UnitName& name) {
        // Scan all files only if there is a new one: a scan for each unit would take longer than
        // the tests.
        if (!index_ || indexed_ != files.files.size())
            index_.emplace(source_, directories_, messages_);
        indexed_ = files.files.size();
        return load::load(name, *index_, unit::Facts{}, messages_);
    }
    std::unique_ptr<Unit> make(Engine& owner, load::LoadedUnit loaded) {
        if (loaded.id.type() == unit::UnitType::mount)
            return std::make_unique<UnsupportedUnit>(owner, std::move(loaded));
        if (loaded.id.type() == unit::UnitType::target)
            return std::make_unique<unit_types::Target>(owner, std::move(loaded));
        auto actor = std::make_unique<Actor>(owner, std::move(loaded));
        actor->calls = &calls;
        return actor;
    }

    load::BuiltInSource source_{files};
    std::vector<std::string> directories_ = {"/units"};
    unit::Messages messages_;
    std::optional<load::UnitIndex> index_;
    std::size_t indexed_ = 0;
};

inline std::string join(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words)
        all += (all.empty() ? "" : ", ") + word;
    return all;
}

}  // namespace notifybridge::manager::test
