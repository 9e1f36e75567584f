#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/unit/environment.hpp"
#include "init/unit/specifier.hpp"

/// The values of ExecStart= and the other Exec directives: systemd.service(5), COMMAND LINES.
namespace notifybridge::unit {

/// The rights that a command runs with.
enum class Privileges {
    unit,             ///< The rights that the unit sets.
    full,             ///< "+": ignores User=, Group=, capabilities and sandboxing.
    no_user_change,   ///< "!": ignores only User=, Group= and SupplementaryGroups=.
    ambient_or_none,  ///< "!!": like "!" if the kernel has no ambient capabilities.
};

struct Command {
    std::string path;  ///< An absolute path, or a name to look up in the search path.
    std::vector<std::string> argv;
    bool ignores_failure = false;   ///< "-"
    bool expands_variables = true;  ///< False with ":".
    Privileges privileges = Privileges::unit;
};

/// The result of parsing an Exec line. `commands` are those before a failure: systemd keeps them.
struct ParsedCommands {
    std::vector<Command> commands;
    std::string failure;  ///< Part of a sentence: why the rest is not a command. Empty if there is
                          ///< no failure.
    bool is_refused = false;  ///< The failure makes the unit unusable, even with "-".
    bool had_unknown_escape = false;
};

/// Splits a line into commands at each `;` and replaces specifiers. Variables are kept.
ParsedCommands parse_commands(std::string_view line, const SpecifierContext& context);

/// Returns `argv` with its variables replaced, as when the command is run. A word "$FOO" becomes as
/// many words as the value has; "${FOO}" within a word becomes the value; "$$" becomes "$". An
/// unset variable is empty (systemd.service(5), COMMAND LINES).
std::vector<std::string> expand_variables(const std::vector<std::string>& argv,
                                          const Environment& environment);

}  // namespace notifybridge::unit
