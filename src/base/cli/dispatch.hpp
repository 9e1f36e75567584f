#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/cli/options.hpp"

namespace notifybridge::cli {

/// What a subcommand's function gets.
struct Invocation {
    std::string invoked_as;  ///< What was typed to get here: "notifybridge wrap".
    std::span<const std::string> arguments;
};

struct Subcommand {
    const Usage& usage;
    /// The names that the executable may be called by instead; the last may be empty.
    std::array<std::string_view, 2> aliases;
    /// Returns the exit status. Throws UsageError, and std::exception for what it cannot go on
    /// from.
    int (*run)(const Invocation& invocation);
    int failure_status;  ///< The exit status for what it threw.
    /// Names that it may be called by, too, and that are its first argument then; or empty.
    std::array<std::string_view, 3> verb_aliases = {};
    /// Whether it takes a command line that begins with this word, so that people may forget its
    /// name; null if it does not look at the word.
    bool (*takes)(std::string_view word) = nullptr;
};

/// Prints what --help or --version asks for, if either is given. `dispatch` sees to it that it is
/// written.
bool answered(const Arguments& arguments, const Usage& usage, const Invocation& invocation);

/// Runs the subcommand that argv[0] or the first argument names; returns the exit status. Where
/// what it printed cannot be written, that is a failure.
int dispatch(std::span<const Subcommand> subcommands, std::span<const std::string> argv);

}  // namespace notifybridge::cli
