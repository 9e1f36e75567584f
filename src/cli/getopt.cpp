#include "cli/getopt.hpp"

#include <optional>
#include <utility>

#include "util/concat.hpp"

namespace notifybridge::cli {
namespace {

const Option* find_long(const Usage& usage, std::string_view typed) {
    std::vector<const Option*> candidates;
    for (const Option& option : usage.options) {
        if (option.name == typed)
            return &option;
        if (option.name.starts_with(typed))
            candidates.push_back(&option);
    }
    if (candidates.size() < 2)
        return candidates.empty() ? nullptr : candidates.front();
    std::string names;
    for (const Option* const option : candidates)
        names += util::concat(names.empty() ? "--" : ", --", option->name);
    throw UsageError(
        util::concat("option '--", typed, "' may be any of ", names, "; write more of it"));
}

/// A long option with its value, in a form that no value makes ambiguous: one that begins with a
/// dash keeps its equals sign, and an empty one, which `parse` does not take with one, is a word.
std::vector<std::string> spell(const Option& option, const std::optional<std::string>& value) {
    std::string name = util::concat("--", option.name);
    if (value && (!value->empty() || option.value.empty()))
        return {util::concat(name, '=', *value)};
    if (value && needs_value(option))
        return {std::move(name), std::string()};
    return {std::move(name)};
}

/// The option that `arguments` starts with, with its value, and how many arguments these are: one
/// more than there are where the value is missing.
std::pair<std::vector<std::string>, std::size_t> take_option(
    const Usage& usage, std::span<const std::string> arguments) {
    const std::string& argument = arguments.front();
    const std::optional<std::string> next =
        arguments.size() > 1 ? std::optional(arguments[1]) : std::nullopt;
    if (!argument.starts_with("--")) {
        if (!read_cluster(usage, argument).before_value)
            return {{argument}, 1};
        return {next ? std::vector{argument, *next} : std::vector{argument}, 2};
    }
    const std::size_t equals = argument.find('=');
    const Option* const option =
        find_long(usage, std::string_view(argument).substr(0, equals).substr(2));
    if (!option)
        return {{argument}, 1};
    if (equals != argument.npos)
        return {spell(*option, argument.substr(equals + 1)), 1};
    if (needs_value(*option))
        return {spell(*option, next), 2};
    return {spell(*option, std::nullopt), 1};
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
            // An option at the very end is for `parse` to miss the value of.
            if (at > arguments.size())
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
