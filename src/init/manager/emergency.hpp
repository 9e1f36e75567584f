#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "init/manager/engine_state.hpp"

namespace notifybridge::manager {

/// Performs the action of FailureAction= and similar directives: an orderly end starts its target,
/// a forced one ends all (systemd.unit(5)). `is_bad` makes its message a warning.
void act(EngineState& engine, unit::EmergencyAction action, std::optional<std::uint8_t> status,
         std::string_view reason, bool is_bad);

}  // namespace notifybridge::manager
