#include "init/files/unit/command.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/utf8.hpp"
#include "base/util/words.hpp"
#include "init/files/unit/path.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::unit {
namespace {

using util::concat;
using util::npos;
using util::quote;

/// Returns whether `text` starts with `word`, followed by white space or the end.
bool starts_with_word(std::string_view text, std::string_view word) {
    return text.starts_with(word)
           && (text.size() == word.size() || util::white_space.find(text[word.size()]) != npos);
}

class LineParser {
public:
    LineParser(std::string_view line, const SpecifierContext& context)
        : words_(line, util::escaped_words), context_(context) {}

    ParsedCommands parse();

private:
    bool parse_command(bool& has_next);
    std::string_view take_prefixes(std::string_view word, Command& command);
    bool parse_path(std::string_view word, Command& command);
    bool parse_arguments(Command& command, bool& has_next);
    bool fail(const Command& command, std::string why);

    util::WordReader words_;
    const SpecifierContext& context_;
    ParsedCommands parsed_;
    bool has_own_argv0_ = false;
};

ParsedCommands LineParser::parse() {
    bool has_next = true;
    while (has_next && parse_command(has_next)) {
    }
    return std::move(parsed_);
}

bool LineParser::fail(const Command& command, std::string why) {
    parsed_.failure = std::move(why);
    parsed_.is_refused = !command.ignores_failure;
    return false;
}

/// Reads one command. Returns false at the end of the line, or if the command is invalid.
bool LineParser::parse_command(bool& has_next) {
    has_next = false;
    Command command;
    std::string word;
    const util::Extracted first = words_.next_relaxed(word, parsed_.had_unknown_escape);
    if (first == util::Extracted::end)
        return false;
    if (first == util::Extracted::invalid) {
        // Like systemd, ignore this line. If a later quote is not closed, systemd refuses the unit.
        command.ignores_failure = true;
        return fail(command, "its first quote is not closed");
    }
    if (word == ";") {
        has_next = true;
        return true;
    }
    has_own_argv0_ = false;
    if (!parse_path(take_prefixes(word, command), command) || !parse_arguments(command, has_next))
        return false;
    if (command.argv.empty())
        return fail(command, "\"@\" must be followed by a path and a process name");
    parsed_.commands.push_back(std::move(command));
    return true;
}

std::string_view LineParser::take_prefixes(std::string_view word, Command& command) {
    for (; !word.empty(); word.remove_prefix(1)) {
        Privileges& privileges = command.privileges;
        if (word[0] == '-' && !command.ignores_failure)
            command.ignores_failure = true;
        else if (word[0] == '@' && !has_own_argv0_)
            has_own_argv0_ = true;
        else if (word[0] == ':' && command.expands_variables)
            command.expands_variables = false;
        else if (word[0] == '+' && privileges == Privileges::unit)
            privileges = Privileges::full;
        else if (word[0] == '!' && privileges == Privileges::unit)
            privileges = Privileges::no_user_change;
        else if (word[0] == '!' && privileges == Privileges::no_user_change)
            privileges = Privileges::ambient_or_none;
        else
            break;
    }
    return word;
}

bool LineParser::parse_path(std::string_view word, Command& command) {
    Expanded path = expand_specifiers(word, context_);
    if (!path.is_valid())
        return fail(command, std::move(path.failure));
    if (path.text.empty())
        return fail(command, "the path of an executable file is missing");
    const bool is_safe = !has_control_characters(path.text)
                         && path.text.find_first_of("\"\\'") == npos && util::is_utf8(path.text);
    if (!is_safe)
        return fail(command, concat("the path ", quote(path.text),
                                    " has quotes, backslashes or control characters"));
    if (path.text.ends_with('/'))
        return fail(command, concat(quote(path.text), " is a directory"));
    if (is_absolute(path.text) ? !is_valid_path(path.text) : !is_valid_file_name(path.text))
        return fail(command, concat(quote(path.text),
                                    " is neither an absolute path nor a name "
                                    "without \"/\""));
    command.path = simplify_path(path.text);
    if (!has_own_argv0_)
        command.argv.push_back(std::move(path.text));
    return true;
}

bool LineParser::parse_arguments(Command& command, bool& has_next) {
    while (!words_.rest().empty()) {
        // An unquoted ";" ends the command, and "\;" is an argument. Check the raw text, because
        // "\;" and "\\;" become the same word after unescaping.
        if (starts_with_word(words_.rest(), ";")) {
            words_.skip(1);
            words_.skip_white_space();
            has_next = true;
            return true;
        }
        if (starts_with_word(words_.rest(), "\\;")) {
            words_.skip(2);
            words_.skip_white_space();
            command.argv.emplace_back(";");
            continue;
        }
        std::string word;
        const util::Extracted outcome = words_.next_relaxed(word, parsed_.had_unknown_escape);
        if (outcome == util::Extracted::end)
            return true;
        if (outcome == util::Extracted::invalid)
            return fail(command, "a closing quote is missing");
        Expanded argument = expand_specifiers(word, context_);
        if (!argument.is_valid())
            return fail(command, std::move(argument.failure));
        command.argv.push_back(std::move(argument.text));
    }
    return true;
}

/// Replaces "${FOO}" and "$$". Keeps any other "$", and a "${" that is not closed or has a ":"
/// before its end.
std::string replace_variables(std::string_view word, const Environment& environment) {
    std::string out;
    while (!word.empty()) {
        const std::size_t dollar = std::min(word.find('$'), word.size());
        out += word.substr(0, dollar);
        word.remove_prefix(dollar);
        if (word.starts_with("$$")) {
            out += '$';
            word.remove_prefix(2);
            continue;
        }
        const bool is_braced = word.starts_with("${");
        const std::size_t end = is_braced ? word.find_first_of(":}") : npos;
        if (end == npos || word[end] != '}') {
            // Copy this text unchanged, and do not search it for variables.
            const std::size_t kept = end != npos ? end + 1 : is_braced ? word.size() : 2;
            out += word.substr(0, kept);
            word.remove_prefix(std::min(kept, word.size()));
            continue;
        }
        out += get_variable(environment, word.substr(2, end - 2)).value_or("");
        word.remove_prefix(end + 1);
    }
    return out;
}

/// Appends the words of a variable's value to `argv`. A quote that is not closed extends to the end
/// of the value.
void append_words(std::string_view value, std::vector<std::string>& argv) {
    util::WordReader words(value, {.unquote = true, .relax = true});
    std::string word;
    while (words.next(word) == util::Extracted::word)
        argv.push_back(word);
}

}  // namespace

ParsedCommands parse_commands(std::string_view line, const SpecifierContext& context) {
    return LineParser(line, context).parse();
}

std::vector<std::string> expand_variables(const std::vector<std::string>& argv,
                                          const Environment& environment) {
    std::vector<std::string> out;
    for (const std::string& word : argv) {
        const bool is_variable =
            word.starts_with('$') && !word.starts_with("${") && !word.starts_with("$$");
        if (!is_variable)
            out.push_back(replace_variables(word, environment));
        else if (const auto value = get_variable(environment, std::string_view(word).substr(1)))
            append_words(*value, out);
    }
    return out;
}

}  // namespace notifybridge::unit
