#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "init/execute/environment.hpp"
#include "init/install/unit_files.hpp"
#include "init/perform/running_units.hpp"

namespace notifybridge::properties {

/// Holds facts about the manager that calls ask for and that the engine does not have.
struct Household {
    perform::RunningUnits& running;
    install::UnitFiles& files;
    execute::ManagerEnvironment& environment;

    /// Returns "initializing", "starting", "running", "degraded" or "stopping" (systemctl(1),
    /// is-system-running).
    std::function<std::string_view()> system_state;
    /// Reads the unit files again, and then calls `done`.
    std::function<void(std::function<void()> done)> reload_files;
    /// Ends the whole system in order, with this status.
    std::function<void(std::uint8_t status)> end;
};

}  // namespace notifybridge::properties
