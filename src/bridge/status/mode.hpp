#pragma once

namespace notifybridge::status {

/// The outputs of `status`, and the questions that its exit status answers.
enum class Mode { table, json, prometheus, watch, follow, check, ready, alive };

/// The exit statuses of `status`, as in systemctl(1) and LSB: 3 means "not running", 4 means
/// "unknown".
inline constexpr int status_yes = 0;
inline constexpr int status_failure = 2;
inline constexpr int status_no = 3;
inline constexpr int status_nothing = 4;

}  // namespace notifybridge::status
