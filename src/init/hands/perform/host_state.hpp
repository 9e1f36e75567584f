#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/loop.hpp"
#include "base/event/poller.hpp"
#include "base/process/fd_closer.hpp"
#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"
#include "init/files/unit/specifier.hpp"
#include "init/hands/execute/cgroup.hpp"
#include "init/hands/execute/dynamic_users.hpp"
#include "init/hands/listen/listeners.hpp"
#include "init/hands/output/output_log.hpp"
#include "init/hands/perform/child_looks.hpp"
#include "init/hands/perform/fd_store.hpp"
#include "init/hands/perform/unit_processes.hpp"
#include "init/rules/manager/environment.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::perform {

/// The properties of the system and the manager that `Host` needs.
struct HostSettings {
    const unit::Facts& facts;
    manager::ManagerEnvironment environment;
    std::string notify_socket;  ///< The address to which services send notifications.
    std::optional<execute::Cgroups> cgroups;
    listen::InheritedFds inherited;
};

/// The descriptors that we keep for a unit.
struct UnitDescriptors {
    std::vector<listen::Listener> listeners;
    bool are_watched = false;
    system::UniqueFd connection;  ///< The connection that a service serves, if any.
    FdStore stored;
};

/// The state that the parts of the host share.
struct HostState {
    /// Writes the output of units to `output_to`.
    HostState(event::Loop& loop, system::Fd output_to, HostSettings host_settings);

    HostSettings settings;
    event::Poller poller;
    output::OutputLog output;
    UnitProcesses processes;
    ChildLooks looks;
    process::FdCloser closer;  ///< Closes what other processes have sent.
    execute::DynamicUsers dynamic_users;
    std::map<std::string, UnitDescriptors> descriptors;  ///< The descriptors by the keys of units.

    /// Returns the unit with this key. Returns null if the unit was forgotten. This may happen just
    /// before an event for the unit arrives.
    std::function<manager::Unit*(std::string_view key)> find_unit;
    /// Called after units have received events, because the engine must run after each event.
    std::function<void()> on_events;
    /// Called when the whole system must end.
    std::function<void(unit::EmergencyAction action, int status)> on_end;

    /// Calls `event` with the unit that has this key, if the unit still exists.
    void tell(const std::string& key, util::FunctionRef<void(manager::Unit&)> event) const;
    /// Logs `text` about the unit. `unit` may be null.
    void say(util::Severity severity, const manager::Unit* unit, std::string_view text);
    /// Returns the unit's descriptors. Returns null if it has none, like most units.
    UnitDescriptors* descriptors_of(const manager::Unit& unit);
};

}  // namespace notifybridge::perform
