#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cli/options.hpp"

namespace notifybridge::cli {

/// Whether a command begins at this operand: it and what follows is not looked at. `options` are
/// those before it, by their whole names.
using BeginsCommand =
    std::function<bool(std::span<const std::string> options, std::string_view operand)>;

/// A command line as getopt_long(3) reads it, in the form that `parse` reads: options may stand
/// after operands, and a long one may be cut short as long as it is clear which one is meant.
/// Throws UsageError, in getopt_long's own words, which scripts and people know from systemd's
/// tools.
std::vector<std::string> in_parse_order(const Usage& usage, std::span<const std::string> arguments,
                                        const BeginsCommand& begins_command);

}  // namespace notifybridge::cli
