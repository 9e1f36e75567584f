#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/loop.hpp"
#include "base/system/fd.hpp"
#include "init/execute/cgroup.hpp"
#include "init/execute/dynamic_users.hpp"
#include "init/execute/environment.hpp"
#include "init/listen/listeners.hpp"
#include "init/manager/unit.hpp"
#include "init/output/output_log.hpp"
#include "init/perform/fd_store.hpp"
#include "init/perform/poller.hpp"
#include "init/perform/unit_processes.hpp"
#include "init/unit/specifier.hpp"

namespace notifybridge::perform {

/// Facts about the surroundings, for the manager.
struct HostSettings {
    const unit::Facts& facts;
    execute::ManagerEnvironment environment;
    std::string notify_socket;  ///< The address that services send to.
    std::optional<execute::Cgroups> cgroups;
    listen::InheritedFds inherited;
};

/// The descriptors that we hold for a unit.
struct UnitDescriptors {
    std::vector<listen::Listener> listeners;
    bool are_watched = false;
    system::UniqueFd connection;  ///< The connection of a service, if any.
    FdStore stored;
};

/// The state that the parts of the host share.
struct HostState {
    /// Output of units goes to `output_to`.
    HostState(event::Loop& loop, system::Fd output_to, HostSettings host_settings);

    HostSettings settings;
    Poller poller;
    output::OutputLog output;
    UnitProcesses processes;
    execute::DynamicUsers dynamic_users;
    std::map<std::string, UnitDescriptors> descriptors;  ///< By keys of units.

    /// Returns the unit with this key, or null: a unit may have gone when an event for it arrives.
    std::function<manager::Unit*(std::string_view key)> find_unit;
    /// Called after units received events: the engine has to run.
    std::function<void()> on_events;
    /// Called when the whole system is to end.
    std::function<void(unit::EmergencyAction action, int status)> on_end;

    /// Calls `event` with the unit, if it still exists.
    void tell(const std::string& key, const std::function<void(manager::Unit&)>& event) const;
    /// Logs a text about the unit, or about none if it is null.
    void say(util::Severity severity, const manager::Unit* unit, std::string_view text);
    /// Returns null if we hold none, as for most units.
    UnitDescriptors* descriptors_of(const manager::Unit& unit);
};

}  // namespace notifybridge::perform
