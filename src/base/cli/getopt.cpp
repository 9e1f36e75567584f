#include "base/cli/getopt.hpp"

#include <optional>
#include <utility>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::cli {
namespace {

[[noreturn]] void refuse(std::string_view before, std::string_view what, std::string_view after) {
    throw UsageError(util::concat(before, util::escape(what), after));
}

const Option& find_long(const Usage& usage, std::string_view argument) {
    const std::string_view typed = argument.substr(0, argument.find('=')).substr(2);
    const Option* found = nullptr;
    std::size_t count = 0;
    std::string ambiguous = "' is ambiguous; possibilities:";
    for (const Option& option : usage.options) {
        if (!option.name.starts_with(typed) || option.name.empty())
            continue;
        if (option.name == typed)
            return option;
        found = &option;
        ++count;
        ambiguous += util::concat(" '--", option.name, '\'');
    }
    if (!found)
        refuse("unrecognized option '", argument, "'");
    if (count > 1)
        refuse("option '", argument, ambiguous);
    return *found;
}

/// A long option with its value, in a form that no value makes ambiguous: one that begins with a
/// dash keeps its equals sign, and an empty one, which `parse` does not take with one, is a word.
std::vector<std::string> spell(const Option& option, const std::optional<std::string>& value) {
    std::string name = util::concat("--", option.name);
    if (value && !value->empty())
        return {util::concat(name, '=', *value)};
    if (value && needs_value(option))
        return {std::move(name), std::string()};
    return {std::move(name)};
}

/// The option that `arguments` starts with, with its value, and how many arguments these are.
std::pair<std::vector<std::string>, std::size_t> take_option(
    const Usage& usage, std::span<const std::string> arguments) {
    const std::string& argument = arguments.front();
    const std::optional<std::string> next =
        arguments.size() > 1 ? std::optional(arguments[1]) : std::nullopt;
    if (!argument.starts_with("--")) {
        const Cluster cluster = read_cluster(usage, argument);
        if (cluster.question)
            return {{util::concat("--", cluster.question->name)}, 1};
        if (cluster.unknown)
            refuse("invalid option -- '", std::string_view(&cluster.unknown, 1), "'");
        if (!cluster.before_value)
            return {{argument}, 1};
        if (!next)
            refuse("option requires an argument -- '", std::string_view(&argument.back(), 1), "'");
        return {{argument, *next}, 2};
    }
    const Option& option = find_long(usage, argument);
    const std::size_t equals = argument.find('=');
    if (equals != argument.npos) {
        if (option.value.empty())
            refuse("option '--", option.name, "' doesn't allow an argument");
        return {spell(option, argument.substr(equals + 1)), 1};
    }
    if (!needs_value(option))
        return {spell(option, std::nullopt), 1};
    if (!next)
        refuse("option '--", option.name, "' requires an argument");
    return {spell(option, next), 2};
}

/// Of a word of `take_option`.
bool asks(std::string_view word) {
    return word == util::concat("--", help_option.name)
           || word == util::concat("--", version_option.name);
}

}  // namespace

std::vector<std::string> in_parse_order(const Usage& usage, std::span<const std::string> arguments,
                                        const BeginsCommand& begins_command) {
    std::vector<std::string> ordered;
    std::vector<std::string> operands;
    std::size_t at = 0;
    while (at < arguments.size() && arguments[at] != "--") {
        const std::string& argument = arguments[at];
        if (argument.size() > 1 && argument[0] == '-') {
            const auto [words, count] = take_option(usage, arguments.subspan(at));
            ordered.insert(ordered.end(), words.begin(), words.end());
            at += count;
            if (asks(words.front()))
                return ordered;
        } else if (begins_command(ordered, argument)) {
            break;
        } else {
            operands.push_back(argument);
            ++at;
        }
    }
    if (at < arguments.size() && arguments[at] == "--")
        ++at;
    ordered.push_back("--");
    ordered.insert(ordered.end(), operands.begin(), operands.end());
    const auto rest = arguments.subspan(at);
    ordered.insert(ordered.end(), rest.begin(), rest.end());
    return ordered;
}

}  // namespace notifybridge::cli
