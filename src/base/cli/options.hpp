#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::cli {

/// One option, of which --help, the parser and the completions are made.
struct Option {
    std::string_view name;   ///< Without its dashes; empty where there is only the letter.
    char letter = 0;         ///< The short form; 0 where there is none.
    std::string_view value;  ///< "PATH", "[PID]" where it may be left out, empty for a flag.
    std::string_view help;
};

/// What every subcommand takes. Of these the first one is answered, and what follows it is not
/// looked at.
inline constexpr Option help_option = {"help", 'h', "", "show this help"};
inline constexpr Option version_option = {"version", 0, "", "show the version"};

/// What a subcommand takes.
struct Usage {
    std::string_view name;      ///< "wrap"
    std::string_view synopsis;  ///< What follows the name: "[OPTIONS] [--] COMMAND [ARG…]".
    std::string_view summary;   ///< One line, for the list of subcommands too.
    std::span<const Option> options;
    /// Paragraphs that follow the options. Lines of them that begin with a space stay as they are.
    std::string_view details;
    std::span<const Option> others = {};  ///< Options that are looked for here, and are elsewhere.
    std::string_view others_of = {};      ///< Where these are: "`notifybridge wrap`".
    /// What scripts take it for by its other names, with a release that they may ask for.
    std::string_view stands_for = {};
};

/// A command line that does not make sense; what() says what is wrong and what to do.
struct UsageError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// A parsed command line. What has no name goes by its letter: "-P".
class Arguments {
public:
    bool has(std::string_view option) const { return values_.contains(option); }
    /// The value of an option given once or more: the last. Empty for one without a value.
    std::optional<std::string> value(std::string_view option) const;
    /// All values of an option, in their order.
    std::vector<std::string> values(std::string_view option) const;

    /// What follows the options.
    const std::vector<std::string>& operands() const { return operands_; }

private:
    friend class CommandLine;

    std::map<std::string, std::vector<std::string>, std::less<>> values_;
    std::vector<std::string> operands_;
};

/// Options end at the first argument that is none, or at "--": what follows belongs to the command
/// and is not looked at. Throws UsageError.
Arguments parse(const Usage& usage, std::span<const std::string> arguments);

/// Whether a command begins at this operand: it and what follows is not looked at. `before` has the
/// options before it, but not their values.
using BeginsCommand = std::function<bool(const Arguments& before, std::string_view operand)>;

/// As getopt_long(3) reads them: options may stand after operands, and a long one may be cut short
/// as long as it is clear which one is meant. Throws UsageError, in getopt_long's own words, which
/// scripts and people know from systemd's tools.
Arguments parse_as_getopt(const Usage& usage, std::span<const std::string> arguments,
                          const BeginsCommand& begins_command);

/// As many columns as the lines of a help take.
inline constexpr std::size_t help_width = 79;

/// The text of --help; `invoked_as` is what was typed to get here: "notifybridge wrap".
std::string help(const Usage& usage, std::string_view invoked_as);

}  // namespace notifybridge::cli
