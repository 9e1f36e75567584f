#pragma once

#include "init/control/call.hpp"
#include "init/manager/engine.hpp"
#include "init/properties/household.hpp"

namespace notifybridge::calls {

/// Answers a call that changes nothing and waits for nothing. Returns false for other calls.
bool answer_query(control::Call& call, manager::Engine& engine, properties::Household& household);

}  // namespace notifybridge::calls
