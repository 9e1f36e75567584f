#pragma once

#include "base/util/log.hpp"
#include "init/control/call.hpp"
#include "init/manager/engine.hpp"
#include "init/properties/household.hpp"

namespace notifybridge::calls {

/// Answers a call that changes nothing and waits for nothing. Returns false for other calls.
bool answer_query(control::Call& call, manager::Engine& engine, properties::Household& household);

/// Returns the least severity of the lines that a call for a log wants.
util::Severity least_severity(const control::Call& call);
/// Answers with the last lines of the unit that the call names.
void answer_log(control::Call& call, manager::Engine& engine,
                const properties::Household& household);

}  // namespace notifybridge::calls
