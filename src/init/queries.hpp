#pragma once

#include "control/call.hpp"
#include "init/household.hpp"
#include "manager/engine.hpp"

namespace notifybridge::init {

/// Answers a call that changes nothing and waits for nothing; false where it is none of these.
bool answer_query(control::Call& call, manager::Engine& engine, Household& household);

}  // namespace notifybridge::init
