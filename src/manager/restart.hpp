#pragma once

#include "manager/exec_status.hpp"
#include "manager/service_state.hpp"
#include "unit/settings.hpp"

/// Whether and when a service is started again of its own accord (systemd.service(5), Restart=).
namespace notifybridge::manager {

/// By what Restart=, RestartPreventExitStatus= and RestartForceExitStatus= say of an end. `main` is
/// the last run of the main process; the first of the two sets wins.
bool shall_restart(const unit::ServiceSettings& settings, ServiceResult result,
                   const ExecStatus& main);

/// How long to wait for restart number `number`, from 1: RestartSec= at first, and with
/// RestartSteps= and RestartMaxDelaySec= longer by the same factor each time, up to the latter.
util::TimeSpan restart_delay(const unit::ServiceSettings& settings, unsigned number);

}  // namespace notifybridge::manager
