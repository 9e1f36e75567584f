#pragma once

#include <string_view>

#include "base/cli/options.hpp"
#include "base/util/log.hpp"

namespace notifybridge::cli {

/// The options that set the log level.
inline constexpr Option verbose_option = {"verbose", 'v', "",
                                          "log what happens, not only what fails"};
inline constexpr Option log_level_option = {
    "log-level", 0, "LEVEL",
    "log messages of this and higher levels: error, warning, notice, info (same as --verbose) or "
    "debug (default: notice)"};

/// Sets up the log according to the options of the log in `arguments`. Records are written to
/// standard error as "[MAIN 15:30:45] text", or as "<6>[MAIN] text" if standard error is the
/// journal (JOURNAL_STREAM). Throws UsageError if an option is wrong.
void set_up_log(const Arguments& arguments);

/// Reads the time zone and opens standard error now, before a sandbox makes their files
/// unreachable. Normally the first record does this, because most runs log nothing.
void prepare_log();

/// Writes one line about a failure to standard error, even if no log is set up.
void write_error_line(std::string_view text);

/// Shows `text` at the cursor of the terminal on standard error. The next record, live line or
/// output of another program overwrites it.
void show_live_line(std::string_view text);

/// Removes the live line if it is shown.
void clear_live_line();

/// Returns whether standard error is connected to the journal ($JOURNAL_STREAM, systemd.exec(5)).
bool stderr_is_journal();

}  // namespace notifybridge::cli
