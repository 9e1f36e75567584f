#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "init/rules/manager/engine_state.hpp"

namespace notifybridge::manager {

/// Performs the action of FailureAction= and similar directives (systemd.unit(5)). An orderly
/// shutdown starts the target of the action. A forced shutdown stops everything at once. Before an
/// orderly shutdown, logs `reason`: as a warning if `is_bad` is true, and as a notice otherwise.
void act(EngineState& engine, unit::EmergencyAction action, std::optional<std::uint8_t> status,
         std::string_view reason, bool is_bad);

}  // namespace notifybridge::manager
