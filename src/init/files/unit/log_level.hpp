#pragma once

#include <optional>
#include <string_view>

namespace notifybridge::unit {

/// Returns our name for a log level of syslog(3): error, warning, notice, info or debug. `level` is
/// the name or number of the level. We have no levels above error, so emerg, alert, crit and err
/// become "error". Returns nullopt if there is no such level.
std::optional<std::string_view> our_log_level(std::string_view level) noexcept;

}  // namespace notifybridge::unit
