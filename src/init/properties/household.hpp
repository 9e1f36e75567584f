#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "init/execute/cgroup.hpp"
#include "init/execute/identity.hpp"
#include "init/manager/performer.hpp"
#include "init/manager/unit.hpp"

namespace notifybridge::properties {

/// What calls ask of the manager that is not the engine's business.
class Household {
public:
    virtual ~Household() = default;

    /// "initializing", "starting", "running", "degraded", "stopping" (systemctl(1),
    /// is-system-running).
    virtual std::string_view system_state() const = 0;
    /// The environment of all services; `assignments` are checked by who calls.
    virtual std::vector<std::string> environment() = 0;
    virtual void set_environment(const std::vector<std::string>& assignments) = 0;
    virtual void unset_environment(const std::vector<std::string>& names) = 0;
    /// The last lines that the unit wrote, the oldest first.
    virtual std::vector<std::string> log(const manager::Unit& unit, std::size_t lines) = 0;
    /// "enabled", "static", ...; empty where the unit has no file.
    virtual std::string unit_file_state(const manager::Unit& unit) = 0;
    /// "enabled" or "disabled", as the distribution would have it; empty where it has no file.
    virtual std::string unit_file_preset(const manager::Unit& unit) = 0;
    /// The unit that a process is of; null where it is nobody's.
    virtual const manager::Unit* unit_of(pid_t pid) = 0;
    /// What runs of the unit now.
    virtual std::vector<pid_t> processes_of(const manager::Unit& unit) = 0;
    /// Who the unit's processes are.
    virtual execute::Identity identity_of(const manager::Unit& unit) = 0;
    virtual execute::GroupUsage usage_of(const manager::Unit& unit) = 0;
    /// Where unit files are looked for.
    virtual std::vector<std::string> unit_path() const = 0;
    /// Whether the unit's files are others than those that were read.
    virtual bool files_have_changed(const manager::Unit& unit) = 0;
    /// How many descriptors the unit has in its store.
    virtual unsigned stored_fds(const manager::Unit& unit) = 0;
    virtual void reload_files() = 0;
    /// The whole ends in order, with this status.
    virtual void end(std::uint8_t status) = 0;
    /// Signals processes of the unit. Why not, where that cannot be.
    virtual std::string kill(manager::Unit& unit, manager::KillWhom whom, int signal) = 0;
};

}  // namespace notifybridge::properties
