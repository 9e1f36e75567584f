#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/cli/options.hpp"

namespace notifybridge::cli {

/// The arguments of a subcommand's function.
struct Invocation {
    std::string invoked_as;  ///< The command that the user typed: "notifybridge wrap".
    std::span<const std::string> arguments;
};

struct Subcommand {
    const Usage& usage;
    /// Other names of the executable that select this subcommand; the last may be empty.
    std::array<util::Literal, 2> aliases;
    /// Returns the exit status. Throws UsageError, or std::exception for fatal errors.
    int (*run)(const Invocation& invocation);
    int failure_status;  ///< The exit status after an exception.
    /// More aliases, which --help does not show. Unused elements are empty.
    std::array<util::Literal, 7> more_aliases = {};
    /// Returns whether `word` may begin the arguments of this subcommand. If a user forgot the
    /// subcommand's name, `dispatch` suggests this subcommand. The pointer is null if the
    /// subcommand is never suggested in this way.
    bool (*takes)(std::string_view word) = nullptr;
};

/// The subcommands in the order of --help.
using Subcommands = std::span<const Subcommand* const>;

/// Prints the text for --help or --version if the arguments contain that option. Returns whether a
/// text was printed. The caller then returns, and `dispatch` flushes the output.
bool answered(const Arguments& arguments, const Usage& usage, const Invocation& invocation);

/// Runs the subcommand that argv[0] or the first argument names. Returns its exit status, or a
/// failure if its output cannot be written.
int dispatch(Subcommands subcommands, std::span<const std::string> argv);

}  // namespace notifybridge::cli
