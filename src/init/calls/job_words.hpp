#pragma once

#include <optional>
#include <string_view>

#include "init/manager/state.hpp"
#include "init/unit/settings.hpp"

/// What systemctl's verbs and options mean to the engine (systemctl(1)).
namespace notifybridge::calls {

/// "start", "reload-or-restart", ...
std::optional<manager::JobType> parse_job_type(std::string_view name);

/// "replace", "fail", ...: --job-mode=.
std::optional<unit::JobMode> parse_job_mode(std::string_view name);

}  // namespace notifybridge::calls
