#pragma once

#include <cstdint>
#include <string_view>

namespace notifybridge::unit {

/// The result of loading a unit's files, in systemd's words (org.freedesktop.systemd1(5),
/// LoadState).
enum class LoadState : std::uint8_t {
    loaded,
    not_found,
    masked,
    bad_setting,  ///< One line is refused, or the lines are not valid together.
    error,        ///< A file cannot be read, or violates systemd's syntax.
};

std::string_view to_string(LoadState state) noexcept;

}  // namespace notifybridge::unit
