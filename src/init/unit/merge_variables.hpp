#pragma once

#include "init/unit/environment.hpp"

namespace notifybridge::unit {

/// Does the same as `set_variable` for each variable of `added`, but not in quadratic time.
void merge_variables(Environment& environment, Environment added);

}  // namespace notifybridge::unit
