#pragma once

#include <cstdint>
#include <string_view>

#include "init/unit/settings.hpp"

namespace notifybridge::unit_types {

/// The lists of commands that units have, by what they are for; of a service, in their order.
enum class CommandKind : std::uint8_t {
    condition,
    start_pre,
    start,
    start_post,
    reload,
    stop,
    stop_post,
    stop_pre,
};
inline constexpr std::size_t command_kind_count = 8;

/// The directive's name: "ExecStartPre".
std::string_view to_string(CommandKind kind) noexcept;

/// Empty where a unit of this type has no such list.
const unit::Commands& commands(const unit::ServiceSettings& settings, CommandKind kind) noexcept;
const unit::Commands& commands(const unit::SocketSettings& settings, CommandKind kind) noexcept;

}  // namespace notifybridge::unit_types
