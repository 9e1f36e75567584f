#pragma once

#include "init/unit/settings.hpp"
#include "init/unit_types/exec_status.hpp"

/// Which ends of processes count as good ones (systemd.service(5), SuccessExitStatus=).
namespace notifybridge::unit_types {

/// An end by a stop signal is clean for a daemon, but not for a command.
enum class ProcessKind { daemon, command };

bool is_clean_exit(const ExecStatus& run, ProcessKind kind, const unit::ExitStatusSet& success);

/// Returns whether `run` ended with one of these exit statuses or signals.
bool contains(const unit::ExitStatusSet& set, const ExecStatus& run);

}  // namespace notifybridge::unit_types
