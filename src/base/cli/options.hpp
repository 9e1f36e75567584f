#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/function_ref.hpp"
#include "base/util/literal.hpp"

namespace notifybridge::cli {

/// One option, for the parser, --help and the completions.
struct Option {
    util::Literal name;   ///< The name without dashes; empty if there is only the letter.
    char letter = 0;      ///< The short form; 0 if there is none.
    util::Literal value;  ///< The value's name: "PATH", or "[PID]" if it is optional; empty for a
                          ///< flag.
    util::Literal help;
    util::Literal heading = {};  ///< The heading in --help; empty for the first, "Options:".
};

/// Options of every subcommand. The parser ignores all arguments after one of them.
inline constexpr Option help_option = {"help", 'h', "", "show this help"};
inline constexpr Option version_option = {"version", 0, "", "show the version"};

/// The command line of a subcommand.
struct Usage {
    std::string_view name;   ///< "wrap"
    util::Literal synopsis;  ///< The text after the name: "[OPTIONS] [--] COMMAND [ARG…]".
    util::Literal summary;   ///< One line about `name`, which the list of subcommands shows, too.
    std::span<const Option> options;
    /// Paragraphs to print after the options. Lines that begin with a space are not joined. Below a
    /// paragraph that begins with "Example", they are commands.
    util::Literal details;
    /// Options of another command that users give here by mistake. The error message then names
    /// that command.
    std::span<const Option> others = {};
    util::Literal others_of = {};  ///< The command that `others` belong to: "`notifybridge
                                   ///< wrap`".
    /// The first line that --version prints if the user typed an alias. Scripts read the name and
    /// the release of the replaced program from this line. Empty if no program is replaced.
    std::string_view stands_for = {};
};

/// A wrong command line. what() names the mistake and the remedy.
struct UsageError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// A parsed command line. An option without a name is stored by its letter: "-P".
class Arguments {
public:
    bool has(std::string_view option) const { return values_.contains(option); }
    /// Returns the last value of an option. Returns an empty text for a flag, and nullopt if the
    /// option is not given.
    std::optional<std::string> value(std::string_view option) const;
    /// Returns all values of an option, in order.
    std::vector<std::string> values(std::string_view option) const;

    /// Returns the arguments that are not options.
    const std::vector<std::string>& operands() const { return operands_; }

private:
    friend class CommandLine;

    std::map<std::string, std::vector<std::string>, std::less<>> values_;
    std::vector<std::string> operands_;
};

/// Parses options up to "--" or the first operand. The rest belongs to the command. Throws
/// UsageError if an option is wrong.
Arguments parse(const Usage& usage, std::span<const std::string> arguments);

/// Returns whether a command begins at `operand`, so that parsing ends there. `before` contains the
/// options before `operand`, without their values.
using BeginsCommand = util::FunctionRef<bool(const Arguments& before, std::string_view operand)>;

/// Parses like getopt_long(3): options may follow operands, and unambiguous abbreviations of long
/// options are accepted. Throws UsageError with the texts of getopt_long, which users know from
/// systemd's tools.
Arguments parse_as_getopt(const Usage& usage, std::span<const std::string> arguments,
                          BeginsCommand begins_command);

/// The width of a help text in columns, if the terminal is not narrower.
inline constexpr std::size_t help_width = 79;
/// The least width of a help text in columns, even if the terminal is narrower.
inline constexpr std::size_t least_help_width = 40;

/// Returns the text of --help. `invoked_as` is the command that the user typed: "notifybridge
/// wrap". Lines have at most `width` columns if `width` is at least `least_help_width`, and if each
/// word fits. Commands of examples are continued with backslashes.
std::string help(const Usage& usage, std::string_view invoked_as, std::size_t width = help_width);

}  // namespace notifybridge::cli
