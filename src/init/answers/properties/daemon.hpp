#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "init/files/install/unit_files.hpp"
#include "init/rules/manager/environment.hpp"
#include "init/rules/manager/running_units.hpp"

namespace notifybridge::properties {

/// A shutdown of the whole system that is planned for a later time.
struct PlannedEnd {
    /// "poweroff", "halt" or "reboot". Empty if no shutdown is planned.
    std::string verb;
    bool is_dry = false;         ///< Whether the shutdown is only announced (`-k`).
    std::uint64_t realtime = 0;  ///< µs since 1970.
};

/// The objects that the handlers of `ctl` and D-Bus calls need besides the engine. Owns none of the
/// referenced objects.
struct Daemon {
    manager::RunningUnits& running;
    install::UnitFiles& files;
    manager::ManagerEnvironment& environment;
    /// The time at which all units of the boot had been started. Zero before that time.
    const system::Moment& boot_end;

    /// Returns "initializing", "starting", "running", "degraded" or "stopping" (systemctl(1),
    /// is-system-running).
    std::function<std::string_view()> system_state;
    /// Reads the unit files again, and then calls `done`.
    std::function<void(std::function<void()> done)> reload_files;
    /// Shuts the whole system down in an orderly way, and exits with `status`.
    std::function<void(std::uint8_t status)> end;
    /// Replaces the planned shutdown, or cancels it if the verb is empty.
    std::function<void(PlannedEnd)> plan_end;
    std::function<const PlannedEnd&()> planned_end;
};

}  // namespace notifybridge::properties
