#pragma once

#include <functional>
#include <string_view>

#include "base/util/log.hpp"

namespace notifybridge::util {

/// Also passes each written record to `copy`. An empty function ends this. `copy` may log.
void copy_log(std::function<void(Severity, std::string_view text)> copy);

}  // namespace notifybridge::util
