#pragma once

#include "init/files/unit/settings_exec.hpp"
#include "init/files/unit/settings_path.hpp"
#include "init/files/unit/settings_service.hpp"
#include "init/files/unit/settings_socket.hpp"
#include "init/files/unit/settings_timer.hpp"
#include "init/files/unit/settings_unit.hpp"

/// The content of unit files, with systemd's default for each directive that is not set. The
/// members have the names of the directives. A member whose default depends on other settings is
/// an empty optional. load::complete, or the code that uses the member, determines the default.
namespace notifybridge::unit {

/// The settings of one unit. Sections that the unit's type does not have keep their initial values.
struct Settings {
    UnitSettings unit;
    Rare<InstallSettings> install;
    ServiceSettings service;
    Rare<SocketSettings> socket;
    Rare<TimerSettings> timer;
    Rare<PathSettings> path;
    Rare<ExecSettings> exec;
    Rare<KillSettings> kill;
};

}  // namespace notifybridge::unit
