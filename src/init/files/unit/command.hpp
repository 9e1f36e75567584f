#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/files/unit/environment.hpp"
#include "init/files/unit/specifier.hpp"

/// Parses the values of ExecStart= and the other Exec directives: systemd.service(5), COMMAND
/// LINES.
namespace notifybridge::unit {

/// The rights of a command.
enum class Privileges {
    unit,             ///< The rights that the unit sets.
    full,             ///< "+": ignores User=, Group=, capabilities and sandboxing.
    no_user_change,   ///< "!": ignores only User=, Group= and SupplementaryGroups=.
    ambient_or_none,  ///< "!!": like "!" if the kernel has no ambient capabilities.
};

struct Command {
    std::string path;  ///< An absolute path, or a name to look up in the search path.
    std::vector<std::string> argv;
    bool ignores_failure = false;  ///< Whether a failure is ignored (prefix "-").
    /// Whether variables are replaced. The prefix ":" sets this to false.
    bool expands_variables = true;
    Privileges privileges = Privileges::unit;
};

/// The result of parsing an Exec line. `commands` has the commands before a failure, because
/// systemd keeps these commands.
struct ParsedCommands {
    std::vector<Command> commands;
    /// The reason why the rest of the line is not a command, as part of a sentence. Empty if there
    /// is no failure.
    std::string failure;
    bool is_refused = false;  ///< Whether systemd refuses the unit. Always false after "-".
    bool had_unknown_escape = false;
};

/// Splits a line into commands at each `;`. Replaces specifiers, and keeps variables.
ParsedCommands parse_commands(std::string_view line, const SpecifierContext& context);

/// Returns `argv` with its variables replaced, as the command receives it (systemd.service(5),
/// COMMAND LINES).
///
/// A word "$FOO" becomes the words of the value. "${FOO}" within a word becomes the value, and "$$"
/// becomes "$". An unset variable is empty.
std::vector<std::string> expand_variables(const std::vector<std::string>& argv,
                                          const Environment& environment);

}  // namespace notifybridge::unit
