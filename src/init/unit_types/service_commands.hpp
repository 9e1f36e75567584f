#pragma once

#include <string_view>

#include "init/unit/settings.hpp"
#include "init/unit_types/service_state.hpp"

namespace notifybridge::unit_types {

/// The lists of commands that a service has, by what they are for.
enum class ServiceCommand { condition, start_pre, start, start_post, reload, stop, stop_post };
inline constexpr std::size_t service_command_count = 7;

/// The directive's name: "ExecStartPre".
std::string_view to_string(ServiceCommand command) noexcept;

/// The state that a service is in while they run.
ServiceState state_of(ServiceCommand command) noexcept;

const unit::Commands& commands(const unit::ServiceSettings& settings,
                               ServiceCommand command) noexcept;

}  // namespace notifybridge::unit_types
