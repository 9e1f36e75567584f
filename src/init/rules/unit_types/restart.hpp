#pragma once

#include "init/files/unit/settings.hpp"
#include "init/rules/unit_types/exec_status.hpp"
#include "init/rules/unit_types/result.hpp"

/// Decides whether and when a service restarts automatically (systemd.service(5), Restart=).
namespace notifybridge::unit_types {

/// Returns whether the service restarts after this end. Applies Restart=, RestartForceExitStatus=,
/// and RestartPreventExitStatus=, which overrides the other two. `main` is the last run of the main
/// process.
bool shall_restart(const unit::ServiceSettings& settings, Result result, const ExecStatus& main);

/// Returns how long to wait before restart number `number`, which starts at 1. The first delay is
/// RestartSec=. If RestartSteps= is set, the delay grows by the same factor each time, up to
/// RestartMaxDelaySec=.
util::TimeSpan restart_delay(const unit::ServiceSettings& settings, unsigned number);

}  // namespace notifybridge::unit_types
