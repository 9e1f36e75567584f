#pragma once

#include <signal.h>

#include <string>

#include "base/event/signals.hpp"
#include "base/system/mounts.hpp"
#include "init/hands/perform/bus_names.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/hands/perform/pending_starts.hpp"
#include "init/hands/perform/pid_files.hpp"
#include "init/hands/perform/reaper.hpp"
#include "init/rules/unit_types/processes.hpp"

namespace notifybridge::perform {

/// The processes of units on this system. This class starts and signals them.
class HostProcesses final : public unit_types::Processes {
public:
    HostProcesses(event::Loop& loop, HostState& state, PendingStarts& starts, Reaper& reaper);

    unit_types::StartedProcess start_process(const unit_types::ProcessRequest& request) override;
    bool kill(const manager::Unit& unit, const unit_types::KillRequest& request) override;
    PidFile read_pid_file(const manager::Unit& unit, const std::string& path) override;
    void watch_pid_file(const manager::Unit& unit, const std::string& path, bool watched) override;
    pid_t guess_main_pid(const manager::Unit& unit) override;
    pid_t find_stray(pid_t started) override;
    bool owns(const manager::Unit& unit, pid_t pid) override;
    bool watch_process(const manager::Unit& unit, pid_t pid) override;
    void watch_bus_name(const manager::Unit& unit) override;
    void clean_up(const manager::Unit& unit, bool will_restart) override;

    /// Releases the processes that wait until no job is left (Type=idle).
    void become_idle();
    /// Removes all data about the processes of a unit that is being forgotten.
    void forget(const manager::Unit& unit);

private:
    system::Fd idle_event();
    execute::DynamicIds acquire_ids(const manager::Unit& unit);

    HostState& state_;
    PendingStarts& starts_;
    Reaper& reaper_;
    const sigset_t ignored_signals_ = event::ignored_signals();
    system::Mounts mounts_;
    PidFiles pid_files_;
    BusNames bus_;
    /// The event that releases the processes that wait until no job is left.
    system::UniqueFd idle_event_;
};

}  // namespace notifybridge::perform
