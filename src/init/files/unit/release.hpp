#pragma once

#include <string_view>

namespace notifybridge::unit {

/// The release of systemd whose properties and D-Bus interface we implement. Clients read this
/// number, and ConditionVersion= compares it.
inline constexpr std::string_view systemd_release = "252";

}  // namespace notifybridge::unit
