#pragma once

#include "init/unit/settings.hpp"
#include "init/unit_types/exec_status.hpp"
#include "init/unit_types/result.hpp"

/// Whether and when a service restarts automatically (systemd.service(5), Restart=).
namespace notifybridge::unit_types {

/// Decides by Restart=, RestartForceExitStatus=, and RestartPreventExitStatus=, which overrides
/// both. `main` is the last run of the main process.
bool shall_restart(const unit::ServiceSettings& settings, Result result, const ExecStatus& main);

/// How long to wait for restart number `number`, from 1: RestartSec= at first, and with
/// RestartSteps= and RestartMaxDelaySec= longer by the same factor each time, up to the latter.
util::TimeSpan restart_delay(const unit::ServiceSettings& settings, unsigned number);

}  // namespace notifybridge::unit_types
