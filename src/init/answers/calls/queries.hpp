#pragma once

#include "base/util/log.hpp"
#include "init/answers/control/call.hpp"
#include "init/answers/properties/daemon.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::calls {

/// Answers a call that only queries the state and does not wait. Returns false for other calls.
bool answer_query(control::Call& call, manager::Engine& engine, properties::Daemon& daemon);

/// Returns the least severity of the log lines that the call requests.
util::Severity least_severity(const control::Call& call);
/// Answers with the last log lines of the unit that the call names.
void answer_log(control::Call& call, manager::Engine& engine, const properties::Daemon& daemon);

}  // namespace notifybridge::calls
