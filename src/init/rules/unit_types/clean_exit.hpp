#pragma once

#include "init/files/unit/settings.hpp"
#include "init/rules/unit_types/exec_status.hpp"

/// Decides which ends of processes are clean (systemd.service(5), SuccessExitStatus=).
namespace notifybridge::unit_types {

/// The kind of a process. SIGHUP, SIGINT, SIGTERM and SIGPIPE end a daemon cleanly, but not a
/// command.
enum class ProcessKind { daemon, command };

bool is_clean_exit(const ExecStatus& run, ProcessKind kind, const unit::ExitStatusSet& success);

/// Returns whether `run` ended with one of these exit statuses or signals.
bool contains(const unit::ExitStatusSet& set, const ExecStatus& run);

}  // namespace notifybridge::unit_types
