#pragma once

#include "init/unit/settings_exec.hpp"
#include "init/unit/settings_service.hpp"
#include "init/unit/settings_socket.hpp"
#include "init/unit/settings_unit.hpp"

/// What unit files say, typed, with systemd's defaults for what they do not say. The names are
/// those of the directives. An optional that is empty has a default that depends on others; see
/// complete.hpp.
namespace notifybridge::unit {

/// All that the files of one unit say; what its type does not have is as it was made.
struct Settings {
    UnitSettings unit;
    Rare<InstallSettings> install;
    ServiceSettings service;
    Rare<SocketSettings> socket;
    Rare<ExecSettings> exec;
    Rare<KillSettings> kill;
};

}  // namespace notifybridge::unit
