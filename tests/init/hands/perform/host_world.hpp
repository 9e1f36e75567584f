#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "init/files/load/source.hpp"
#include "init/files/load/unit_index.hpp"
#include "init/hands/execute/environment.hpp"
#include "init/hands/execute/units.hpp"
#include "init/hands/perform/host.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/unit_types/path.hpp"
#include "init/rules/unit_types/timer.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::perform::test {

/// A unit that records the events that it receives.
class Listed : public manager::Unit {
public:
    using Unit::Unit;
    std::vector<std::string> told;
    std::function<void(std::size_t)> on_traffic;
    std::optional<manager::OwnProcesses> own;

    bool was_told(const std::string& event) const {
        return std::find(told.begin(), told.end(), event) != told.end();
    }

    manager::ActiveState state = manager::ActiveState::active;

    manager::ActiveState active_state() const override { return state; }
    std::string_view sub_state() const override { return "running"; }
    std::optional<manager::OwnProcesses> own_processes() const override { return own; }
    manager::Verdict start() override { return manager::Verdict::already; }
    manager::Verdict stop() override { return manager::Verdict::already; }
    void process_ended(pid_t pid, process::ExitStatus status, bool) override {
        told.push_back(util::concat(pid, ' ', process::describe(status)));
    }
    void process_executed(pid_t pid) override { told.push_back(util::concat(pid, " executed")); }
    void process_refused(pid_t pid) override { told.push_back(util::concat(pid, " refused")); }
    void processes_gone() override { told.emplace_back("gone"); }
    void pid_file_changed() override { told.emplace_back("pid file"); }
    void traffic(std::size_t listener) override {
        told.push_back(util::concat("traffic ", listener));
        if (on_traffic)
            on_traffic(listener);
    }
};

/// Returns a request to send `signal` to all processes of a unit.
inline unit_types::KillRequest kill_all(int signal) {
    unit_types::KillRequest request;
    request.signal = request.others_signal = signal;
    request.all_others = true;
    return request;
}

/// An engine on this system, with units that a test adds.
struct World {
    execute::test::Units units;
    event::Loop loop;
    system::Pipe output = system::make_pipe();
    Host host{
        loop,
        output.writing,
        {units.facts, execute::manager_environment(""), "/run/test/notify", std::nullopt, {}}};
    manager::Engine engine{host.surroundings,
                           [this](const unit::UnitName& name) {
                               unit::Messages messages;
                               const load::DiskSource source;
                               const load::UnitIndex index(source, {units.directory.path("units")},
                                                           messages);
                               return load::load(name, index, units.facts, messages);
                           },
                           [this](manager::Engine& of, load::LoadedUnit loaded) {
                               return make(of, std::move(loaded));
                           }};
    std::string log;

    World() {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        loop.spawn([this] { return host.state.poller.run(); });
        loop.spawn([this] { return host.state.output.run(); });
        loop.spawn([this] { return host.state.output.run_writer(); });
        host.state.find_unit = [this](std::string_view id) { return engine.find(id); };
    }
    ~World() {
        for (manager::Unit* const unit : engine.units()) {
            while (host.processes.kill(*unit, kill_all(SIGKILL)))
                ::waitpid(-1, nullptr, 0);
        }
        while (::waitpid(-1, nullptr, 0) > 0) {
        }
    }

    Listed& add(const std::string& name, const std::string& text) {
        units.load(name, text);
        auto& unit = static_cast<Listed&>(engine.unit(*unit::UnitName::parse(name)));
        static unsigned count = 0;
        unit.invocation_id = util::concat("invocation-", ++count);
        return unit;
    }
    unit_types::Timer& add_timer(const std::string& name, const std::string& text) {
        units.load(name, text);
        return static_cast<unit_types::Timer&>(engine.unit(*unit::UnitName::parse(name)));
    }
    unit_types::Path& add_path(const std::string& name, const std::string& text) {
        units.load(name, text);
        return static_cast<unit_types::Path&>(engine.unit(*unit::UnitName::parse(name)));
    }
    /// Sets the file system for path units that are added later.
    void use_paths(unit_types::Paths& paths) { paths_ = &paths; }
    Listed& add_service(const std::string& script, const std::string& lines = "") {
        units.directory.write("script", script);
        return add("a.service", "[Service]\nExecStart=/bin/sh @/script\n" + lines + "\n");
    }
    unit_types::StartedProcess start(const Listed& unit, bool is_idle = false) {
        const unit_types::ProcessRequest request{
            .unit = unit,
            .command = unit.settings().service.exec_start->front(),
            .is_control = false,
            .passes_fds = true,
            .is_idle = is_idle,
            .may_notify = true,
            .environment = {}};
        return host.processes.start_process(request);
    }
    /// Runs the loop and reaps children until `is_so` holds.
    void until(const std::function<bool()>& is_so) {
        notifybridge::test::run(loop, [&]() -> event::Awaitable<> {
            const auto look = [&] {
                host.reaper.reap_children();
                host.state.output.catch_up([](const std::string&) { return true; });
                char buffer[4096];
                const ssize_t size = ::read(output.reading.get(), buffer, sizeof buffer);
                log.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
                return is_so();
            };
            co_await notifybridge::test::until(loop, look);
        });
    }
    bool has_logged(std::string_view text) const { return log.find(text) != log.npos; }

private:
    std::unique_ptr<manager::Unit> make(manager::Engine& of, load::LoadedUnit loaded) {
        if (loaded.id.type() == unit::UnitType::timer)
            return std::make_unique<unit_types::Timer>(of, host.timers, std::move(loaded));
        if (loaded.id.type() == unit::UnitType::path)
            return std::make_unique<unit_types::Path>(of, *paths_, std::move(loaded));
        return std::make_unique<Listed>(of, std::move(loaded));
    }

    unit_types::Paths* paths_ = &host.paths;
};
}  // namespace notifybridge::perform::test
