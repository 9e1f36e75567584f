#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

#include "init/files/load/load.hpp"
#include "init/files/load/map_source.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/unit_types/fake_world.hpp"
#include "init/rules/unit_types/path.hpp"
#include "init/rules/unit_types/service.hpp"
#include "init/rules/unit_types/socket.hpp"
#include "init/rules/unit_types/target.hpp"
#include "init/rules/unit_types/timer.hpp"

namespace notifybridge::unit_types::test {

/// A manager with units from files in memory. The test controls the processes of the units.
class Scene {
public:
    FakeWorld world;
    manager::Engine engine{world, [this](const unit::UnitName& name) { return load(name); },
                           [this](manager::Engine& owner, load::LoadedUnit loaded) {
                               return make(owner, std::move(loaded));
                           }};
    std::vector<std::string> history;  ///< The states of units: "a.service start-pre" and so on.
    std::vector<std::string> jobs;     ///< The ended jobs: "a.service start done".

    Scene() {
        world.own_of = [](const manager::Unit& unit) { return own_processes(unit); };
        engine.hooks.on_change = [this](const manager::Unit& unit, manager::ActiveState) {
            history.push_back(util::concat(unit.id(), ' ', unit.sub_state()));
        };
        engine.hooks.on_job_end = [this](const manager::Job& job, manager::JobResult result) {
            jobs.push_back(
                util::concat(job.unit.id(), ' ', to_string(job.type), ' ', to_string(result)));
        };
    }
    /// Adds a unit without default dependencies. `unit` is its [Unit] section, and `text` has all
    /// other sections.
    void add(const std::string& name, const std::string& text, const std::string& unit = "") {
        source_.files["/units/" + name] =
            "[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n" + unit + text;
    }
    void remove(const std::string& name) { source_.files.erase("/units/" + name); }

    template <typename Type>
    Type& get(const std::string& name) {
        auto* const unit = dynamic_cast<Type*>(&engine.unit(*unit::UnitName::parse(name)));
        BOOST_REQUIRE(unit);
        return *unit;
    }

    /// Ends a process, and reports the end as the kernel would.
    void end(pid_t pid, process::ExitStatus status, bool dumped_core = false) {
        const auto found = world.alive.find(pid);
        BOOST_REQUIRE(found != world.alive.end());
        std::set<std::string> concerned = found->second.watchers;
        concerned.insert(found->second.unit);
        world.alive.erase(found);
        for (const std::string& name : concerned)
            if (manager::Unit* const unit = engine.find(name)) {
                unit->process_ended(pid, status, dumped_core);
                if (!world.has_processes(*unit))
                    unit->processes_gone();
            }
        engine.run_due();
    }
    void exit(std::string_view program, int code = 0) {
        BOOST_TEST_CONTEXT(program)
        end(world.find(program), process::ExitStatus::exited(code));
    }
    void kill(std::string_view program, int signal, bool dumped_core = false) {
        BOOST_TEST_CONTEXT(program)
        end(world.find(program), process::ExitStatus::killed(signal), dumped_core);
    }

    /// Advances the clock, and stops at each deadline. The number of stops is limited, because the
    /// clock would not advance if a unit fails and restarts at once.
    void pass(util::TimeSpan span) {
        constexpr int most_deadlines = 100;
        const std::uint64_t end = world.clock + static_cast<std::uint64_t>(span.count());
        for (int count = 0; count < most_deadlines; ++count) {
            const std::uint64_t next = engine.next_deadline();
            if (next == 0 || next > end)
                break;
            world.clock = std::max(world.clock, next);
            engine.run_due();
        }
        world.clock = end;
        engine.run_due();
    }

    void do_job(manager::JobType type, manager::Unit& unit) {
        engine.enqueue(type, unit, unit::JobMode::replace);
        engine.run_due();
    }

    static std::string state_of(const manager::Unit& unit) {
        return util::concat(to_string(unit.active_state()), '/', unit.sub_state());
    }

private:
    load::LoadedUnit load(const unit::UnitName& name) {
        unit::Messages messages;
        const load::UnitIndex index(source_, {"/units"}, messages);
        return load::load(name, index, unit::Facts{}, messages);
    }
    std::unique_ptr<manager::Unit> make(manager::Engine& owner, load::LoadedUnit loaded) {
        switch (loaded.id.type()) {
            case unit::UnitType::socket:
                return std::make_unique<Socket>(owner, world, world, std::move(loaded));
            case unit::UnitType::path:
                return std::make_unique<Path>(owner, world, std::move(loaded));
            case unit::UnitType::target:
                return std::make_unique<Target>(owner, std::move(loaded));
            case unit::UnitType::timer:
                return std::make_unique<Timer>(owner, world, std::move(loaded));
            default:
                return std::make_unique<Service>(owner, world, world, std::move(loaded));
        }
    }

    static std::pair<pid_t, pid_t> own_processes(const manager::Unit& unit) {
        const auto own = unit.own_processes().value_or(manager::OwnProcesses{});
        return {own.main, own.control};
    }

    load::test::MapSource source_;
};

/// A scene with one service, which is called a.service.
class ServiceScene : public Scene {
public:
    /// Adds a.service. `text` is its [Service] section, and `unit` is its [Unit] section.
    explicit ServiceScene(const std::string& text, const std::string& unit = "") {
        add("handler.service",
            "[Service]\nExecStartPre=/handler-pre\nExecStart=/handler\n"
            "ExecStartPost=/handler-post\n");
        add("peer.service", "[Service]\nExecStart=/peer\nExecReload=/peer-reload\n");
        add("a.service", "[Service]\n" + text, "OnFailure=handler.service\n" + unit);
        service_ = &get<Service>("a.service");
        BOOST_TEST_REQUIRE((service_->loaded().state == unit::LoadState::loaded));
    }

    Service& service() { return *service_; }
    std::string state() const { return state_of(*service_); }
    std::string_view result() const { return service_->result(); }

    void start() { do_job(manager::JobType::start); }
    void stop() { do_job(manager::JobType::stop); }
    void reload() { do_job(manager::JobType::reload); }
    void restart() { do_job(manager::JobType::restart); }
    using Scene::do_job;
    void do_job(manager::JobType type) { Scene::do_job(type, *service_); }

    /// Sends a message of the main process, or of `sender`.
    void say(const std::string& datagram, pid_t sender = 0, uid_t uid = 1000, std::size_t fds = 0) {
        const auto message = notify::parse(datagram);
        BOOST_REQUIRE(message);
        service_->notified({sender ? sender : service_->main_pid(), uid, uid}, *message, fds);
        engine.run_due();
    }

    bool is_handled() const { return world.started.contains("/handler-pre"); }
    /// Returns the sub-states since the last call.
    std::string states() {
        std::string all;
        for (const std::string& entry : history)
            if (entry.starts_with("a.service "))
                all += (all.empty() ? "" : " ") + entry.substr(entry.find(' ') + 1);
        history.clear();
        return all;
    }
    /// Returns the programs that were started since the last call.
    std::string runs() {
        std::string all;
        for (const std::string& program : world.runs)
            if (!program.starts_with("/handler"))
                all += (all.empty() ? "" : " ") + program;
        world.runs.clear();
        return all;
    }
    bool has_variable(const std::string& program, const std::string& assignment) {
        const auto& environment = world.started.at(program).environment;
        return std::find(environment.begin(), environment.end(), assignment) != environment.end();
    }

private:
    Service* service_;
};

}  // namespace notifybridge::unit_types::test
