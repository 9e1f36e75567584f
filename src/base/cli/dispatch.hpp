#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/cli/options.hpp"

namespace notifybridge::cli {

/// The arguments of a subcommand's function.
struct Invocation {
    std::string invoked_as;  ///< The words that the user typed: "notifybridge wrap".
    std::span<const std::string> arguments;
};

struct Subcommand {
    const Usage& usage;
    /// Other names that the executable may be called by; the last may be empty.
    std::array<std::string_view, 2> aliases;
    /// Returns the exit status. Throws UsageError, or std::exception for fatal errors.
    int (*run)(const Invocation& invocation);
    int failure_status;  ///< The exit status after an exception.
    /// More such names, which also become the first argument; or empty.
    std::array<std::string_view, 3> verb_aliases = {};
    /// Returns whether it accepts a command line that begins with `word`, for users who forgot its
    /// name. Null if it never does.
    bool (*takes)(std::string_view word) = nullptr;
};

/// Prints the text for --help or --version if one is given, and returns whether it did. `dispatch`
/// flushes the output.
bool answered(const Arguments& arguments, const Usage& usage, const Invocation& invocation);

/// Runs the subcommand that argv[0] or the first argument names, and returns the exit status. Fails
/// if its output cannot be written.
int dispatch(std::span<const Subcommand> subcommands, std::span<const std::string> argv);

}  // namespace notifybridge::cli
