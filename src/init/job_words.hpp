#pragma once

#include <optional>
#include <string_view>

#include "manager/state.hpp"
#include "unit/settings.hpp"

/// What systemctl's verbs and options mean to the engine (systemctl(1)).
namespace notifybridge::init {

/// "start", "reload-or-restart", ...
std::optional<manager::JobType> parse_job_type(std::string_view name);

/// "replace", "fail", ...: --job-mode=.
std::optional<unit::JobMode> parse_job_mode(std::string_view name);

}  // namespace notifybridge::init
