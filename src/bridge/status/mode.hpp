#pragma once

namespace notifybridge::status {

/// The question that `status` is asked.
enum class Mode { table, json, prometheus, watch, follow, check, ready, alive };

/// Exit statuses of `status`, as in systemctl(1) and LSB: 3 is "not running", 4 is "unknown".
inline constexpr int status_yes = 0;
inline constexpr int status_failure = 2;
inline constexpr int status_no = 3;
inline constexpr int status_nothing = 4;

}  // namespace notifybridge::status
