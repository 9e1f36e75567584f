#pragma once

#include "init/files/unit/environment.hpp"

namespace notifybridge::unit {

/// Sets each variable of `added`, like `set_variable`. Takes less than quadratic time.
void merge_variables(Environment& environment, Environment added);

}  // namespace notifybridge::unit
