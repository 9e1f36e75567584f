#pragma once

#include <cstdint>
#include <string_view>

#include "init/files/unit/settings.hpp"

namespace notifybridge::unit_types {

/// The purposes of a unit's lists of commands. The lists of a service are in the order in which
/// they run.
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

/// Returns the directive's name, such as "ExecStartPre".
std::string_view to_string(CommandKind kind) noexcept;

/// Returns a list of commands. Returns an empty list if units of this type do not have the list.
const unit::Commands& commands(const unit::ServiceSettings& settings, CommandKind kind) noexcept;
const unit::Commands& commands(const unit::SocketSettings& settings, CommandKind kind) noexcept;

}  // namespace notifybridge::unit_types
