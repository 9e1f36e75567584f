#pragma once

#include <string_view>

/// The tags of log messages: "the command exited with status 1 before the app started
/// [app-not-started]". `status --check` finds a message by its tag, and may show its words, so
/// these may change. Two things have a meaning: "; " is between what happened and the reason or the
/// remedy, and a message about a signal begins with the signal's name. The user can search for a
/// tag; notifybridge-status(1), TAGS, says what each means.
namespace notifybridge::tags {

using Tag = std::string_view;

// Of the app's start and end, by `wrap`.
inline constexpr Tag cannot_run = "[cannot-run]";
inline constexpr Tag ready_timeout = "[ready-timeout]";
inline constexpr Tag stopped_early = "[stopped-early]";
inline constexpr Tag ended_early = "[ended-early]";
inline constexpr Tag ready_ignored = "[ready-ignored]";
inline constexpr Tag in_background = "[in-background]";
inline constexpr Tag unhealthy = "[unhealthy]";
inline constexpr Tag cannot_signal = "[cannot-signal]";

// Of the container or virtual machine, by `wait`.
inline constexpr Tag timeout = "[timeout]";
inline constexpr Tag no_wrap = "[no-wrap]";
inline constexpr Tag app_not_started = "[app-not-started]";
inline constexpr Tag before_ready = "[before-ready]";
inline constexpr Tag command_failed = "[command-failed]";
inline constexpr Tag started_again = "[started-again]";
inline constexpr Tag journal_removed = "[journal-removed]";
inline constexpr Tag run_broke_off = "[run-broke-off]";

// By both.
inline constexpr Tag command_ended = "[command-ended]";
inline constexpr Tag stop_timeout = "[stop-timeout]";
inline constexpr Tag no_ping = "[no-ping]";
inline constexpr Tag late_ping = "[late-ping]";
inline constexpr Tag other_main_pid = "[other-main-pid]";

}  // namespace notifybridge::tags
