#pragma once

#include "base/system/random_id.hpp"

namespace notifybridge::channel {

/// The identifier of one run of `wrap`.
using RunId = system::RandomId;

}  // namespace notifybridge::channel
