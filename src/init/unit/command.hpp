#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/unit/environment.hpp"
#include "init/unit/specifier.hpp"

/// The value of ExecStart= and its sisters: systemd.service(5), COMMAND LINES.
namespace notifybridge::unit {

/// With whose rights a command runs.
enum class Privileges {
    unit,             ///< As the unit says.
    full,             ///< "+": none of User=, Group=, capabilities, sandboxing.
    no_user_change,   ///< "!": all but User=, Group= and SupplementaryGroups=.
    ambient_or_none,  ///< "!!": "!" where the kernel has no ambient capabilities.
};

struct Command {
    std::string path;  ///< Absolute, or a name to look for in the search path.
    std::vector<std::string> argv;
    bool ignores_failure = false;   ///< "-"
    bool expands_variables = true;  ///< Not with ":".
    Privileges privileges = Privileges::unit;
};

/// What an Exec line came to. `commands` are those before a failure, which systemd keeps.
struct ParsedCommands {
    std::vector<Command> commands;
    std::string failure;      ///< Part of a sentence: why the rest is no command, or empty.
    bool is_refused = false;  ///< The failure makes the unit unusable: no "-" lets it pass.
    bool had_unknown_escape = false;
};

/// Splits a line into commands, at each `;`, and replaces its specifiers; variables stay.
ParsedCommands parse_commands(std::string_view line, const SpecifierContext& context);

/// `argv` with its variables, as they are when it is run: "$FOO" as a word of its own is as many
/// words as its value has, "${FOO}" within a word is the value, "$$" is "$"; what is not set is
/// empty (systemd.service(5), COMMAND LINES).
std::vector<std::string> expand_variables(const std::vector<std::string>& argv,
                                          const Environment& environment);

}  // namespace notifybridge::unit
