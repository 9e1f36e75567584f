#pragma once

#include "base/cli/options.hpp"
#include "init/ctl/context.hpp"

namespace notifybridge {

/// Reads `arguments`, the parsed command line of `ctl`. Throws ctl::Failure or cli::UsageError if a
/// value is not valid.
ctl::Options read_ctl_options(const cli::Arguments& arguments);

/// Prints the possible values if an option requests them, as --type=help does with any verb.
/// Returns whether an option requested them.
bool listed_ctl_choices(const cli::Arguments& arguments);

}  // namespace notifybridge
