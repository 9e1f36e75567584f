#pragma once

#include <cstddef>
#include <optional>

#include "init/unit/settings.hpp"

namespace notifybridge::unit_types {

/// Where the command at `index` of the list `before` is in `now`, what the files that were read
/// again made of it: at its place still, or else the first of the same path and arguments; nothing
/// where there is none (systemd 252, service_deserialize_exec_command).
std::optional<std::size_t> find_again(const unit::Commands& before, std::size_t index,
                                      const unit::Commands& now);

}  // namespace notifybridge::unit_types
