#pragma once

#include <string_view>

#include "base/cli/options.hpp"
#include "base/util/log.hpp"

namespace notifybridge::cli {

/// The options that say how much is logged.
inline constexpr Option verbose_option = {"verbose", 'v', "",
                                          "say what happens, not only what fails"};
inline constexpr Option log_level_option = {
    "log-level", 0, "LEVEL",
    "error, warning, notice (default), info (--verbose) or debug (every message)"};

/// Sets the log up by these options. Records go to standard error: "[MAIN 15:30:45] text", and
/// where that is the journal (JOURNAL_STREAM) "<6>[MAIN] text". Throws UsageError.
void set_up_log(const Arguments& arguments);

/// Opens what the log needs, where files are about to be out of reach: else it is opened when the
/// first record comes, as most runs have none.
void prepare_log();

/// Writes one line about a failure before or after there is a log, in the form for standard error.
void write_error_line(std::string_view text);

/// Shows `text` from the cursor of the terminal that standard error is. It is no part of what is
/// written there: the next record, the next live line, and what others write take its place.
void show_live_line(std::string_view text);

/// Takes it away, where it is shown.
void clear_live_line();

/// Whether standard error is connected to the journal, as $JOURNAL_STREAM says (systemd.exec(5)).
bool stderr_is_journal();

}  // namespace notifybridge::cli
