#pragma once

#include "init/unit/environment.hpp"

namespace notifybridge::unit {

/// Sets one variable after the other (`set_variable`), in a time that does not grow with the square
/// of their number.
void merge_variables(Environment& environment, Environment added);

}  // namespace notifybridge::unit
