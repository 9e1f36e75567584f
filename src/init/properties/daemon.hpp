#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "init/execute/environment.hpp"
#include "init/install/unit_files.hpp"
#include "init/perform/running_units.hpp"

namespace notifybridge::properties {

/// An end of the whole system at a later time.
struct PlannedEnd {
    std::string verb;            ///< "poweroff", "halt" or "reboot". Empty if no end is planned.
    bool is_dry = false;         ///< Whether the shutdown is only announced (`-k`).
    std::uint64_t realtime = 0;  ///< µs since 1970.
};

/// The parts of process 1 that calls use beside the engine. Owns none of the referenced objects.
struct Daemon {
    perform::RunningUnits& running;
    install::UnitFiles& files;
    execute::ManagerEnvironment& environment;
    /// The time at which all units of the boot had been started. Zero before that time.
    const system::Moment& boot_end;

    /// Returns "initializing", "starting", "running", "degraded" or "stopping" (systemctl(1),
    /// is-system-running).
    std::function<std::string_view()> system_state;
    /// Reads the unit files again, and then calls `done`.
    std::function<void(std::function<void()> done)> reload_files;
    /// Ends the whole system in order, with this status.
    std::function<void(std::uint8_t status)> end;
    /// Replaces the planned end, or cancels the planned end if the verb is empty.
    std::function<void(PlannedEnd)> plan_end;
    std::function<const PlannedEnd&()> planned_end;
};

}  // namespace notifybridge::properties
