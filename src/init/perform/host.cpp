#include "init/perform/host.hpp"

#include <unistd.h>

#include "base/process/environment.hpp"
#include "base/util/log.hpp"
#include "init/condition/conditions.hpp"
#include "init/execute/exec_directory.hpp"
#include "init/execute/terminal_reset.hpp"
#include "init/perform/pid_file.hpp"

namespace notifybridge::perform {
Host::Host(event::Loop& loop, system::Fd output, HostSettings settings)
    : settings_(std::move(settings)),
      poller_(loop),
      paths_(poller_),
      bus_(loop, poller_, process::environment_variable("DBUS_SYSTEM_BUS_ADDRESS").value_or("")),
      output_(loop, output),
      processes_(std::move(settings_.cgroups)),
      next_look_(loop) {
    next_look_.on_expired = [this] { look_after_forks(); };
    poller_.on_round = [this] {
        if (on_events)
            on_events();
    };
}

Host::~Host() = default;

void Host::tell(const std::string& key, const std::function<void(manager::Unit&)>& event) {
    manager::Unit* const unit = find_unit ? find_unit(key) : nullptr;
    if (unit)
        event(*unit);
}

void Host::forget(const manager::Unit& unit) {
    close_sockets(unit);
    release_fds(unit);
    bus_.unwatch(unit.key());
    processes_.forget(unit.key());
    dynamic_users_.release(unit.key());
    output_.recent().forget(unit.key());
    possessions_.erase(unit.key());
}

bool Host::holds(const manager::Unit&, const std::vector<unit::Condition>& conditions,
                 unit::UnmetConditions& unmet) {
    return condition::all_hold(conditions, {settings_.facts, settings_.environment}, unmet);
}

unit_types::Processes::PidFile Host::read_pid_file(const manager::Unit& unit,
                                                   const std::string& path) {
    const pid_t control = unit.own_processes().value_or(manager::OwnProcesses{}).control;
    auto [pid, fault] = perform::read_pid_file(processes_, unit.key(), path, control);
    return {pid, std::move(fault)};
}

void Host::watch_pid_file(const manager::Unit& unit, const std::string& path, bool watched) {
    if (!watched) {
        paths_.unwatch(unit.key());
        return;
    }
    paths_.watch(unit.key(), path, [this, key = unit.key()] {
        tell(key, [](manager::Unit& changed) { changed.pid_file_changed(); });
    });
}

void Host::watch_bus_name(const manager::Unit& unit) {
    bus_.watch(unit.key(), unit.settings().service.bus_name,
               [this, key = unit.key()](bool has_owner) {
                   tell(key, [=](manager::Unit& told) { told.bus_name_changed(has_owner); });
               });
}

void Host::clean_up(const manager::Unit& unit, bool will_restart) {
    bus_.unwatch(unit.key());
    const std::string& pid_file = unit.settings().service.pid_file;
    if (!pid_file.empty())
        ::unlink(pid_file.c_str());
    execute::remove_runtime_directories(unit.settings().exec, settings_.facts, will_restart);
    dynamic_users_.release(unit.key());
    execute::reset_terminal(execute::terminal_reset_of(unit.settings().exec));
    // Processes that KillMode= left over stay the unit's.
    if (!processes_.any_runs(unit.key(), [](pid_t) { return true; }))
        processes_.forget(unit.key());
}

void Host::end(unit::EmergencyAction action, int status) {
    if (on_end)
        on_end(action, status);
}

void Host::say(util::Severity severity, const manager::Unit* unit, std::string_view text) {
    if (severity == util::Severity::debug && !util::logs(severity))
        return;
    if (unit)
        output_.say(unit->key(), severity, text);
    else
        output_.say(text);
}

}  // namespace notifybridge::perform
