#pragma once

#include <optional>
#include <string_view>

namespace notifybridge::unit {

/// Returns our word for the log level of syslog(3) with this name or number: error, warning,
/// notice, info or debug. We have no levels above error, so emerg, alert, crit and err become
/// "error". Returns nullopt if there is no such level.
std::optional<std::string_view> our_log_level(std::string_view level) noexcept;

}  // namespace notifybridge::unit
