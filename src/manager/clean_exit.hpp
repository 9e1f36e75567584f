#pragma once

#include "manager/exec_status.hpp"
#include "unit/settings.hpp"

/// Which ends of processes count as good ones (systemd.service(5), SuccessExitStatus=).
namespace notifybridge::manager {

/// A daemon may be ended by a signal that asks for it; a command may not.
enum class ProcessKind { daemon, command };

bool is_clean_exit(const ExecStatus& run, ProcessKind kind, const unit::ExitStatusSet& success);

/// Whether `run` ended with one of these exit statuses, or by one of these signals.
bool contains(const unit::ExitStatusSet& set, const ExecStatus& run);

}  // namespace notifybridge::manager
