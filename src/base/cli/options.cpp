#include "base/cli/options.hpp"

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <utility>

#include "base/util/closest.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/wrap_lines.hpp"

namespace notifybridge::cli {
namespace {

namespace po = boost::program_options;

bool is_flag(const Option& option) {
    return option.value.empty();
}

bool value_may_be_left_out(const Option& option) {
    return option.value.starts_with('[');
}

po::options_description describe(const Usage& usage) {
    po::options_description description;
    for (const Option& option : usage.options) {
        std::string names(option.name);
        if (option.letter)
            names += util::concat(',', option.letter);
        auto* value = po::value<std::vector<std::string>>();
        if (is_flag(option))
            value->zero_tokens();
        else if (value_may_be_left_out(option))
            value->implicit_value({}, "");
        description.add_options()(names.c_str(), value);
    }
    return description;
}

const Option* find_option(const Usage& usage, std::string_view argument) {
    const bool is_long = argument.starts_with("--");
    const std::string_view name =
        argument.substr(is_long ? 2 : 1, argument.find('=') - (is_long ? 2 : 1));
    for (const Option& option : usage.options)
        if (is_long ? !name.empty() && option.name == name : option.letter == argument[1])
            return &option;
    return nullptr;
}

/// The options that begin with what was typed, else the one that it is a typo of.
std::vector<std::string_view> likely_options(const Usage& usage, std::string_view typed) {
    std::vector<std::string_view> names;
    std::vector<std::string_view> likely;
    for (const Option& option : usage.options) {
        names.push_back(option.name);
        if (!typed.empty() && option.name.starts_with(typed))
            likely.push_back(option.name);
    }
    const std::string_view near = util::closest(typed, names);
    if (likely.empty() && !near.empty())
        likely.push_back(near);
    return likely;
}

[[noreturn]] void refuse_unknown(const Usage& usage, std::string_view argument) {
    const std::string_view typed = argument.substr(0, argument.find('='));
    std::vector<std::string_view> likely;
    if (typed.starts_with("--"))
        likely = likely_options(usage, typed.substr(2));
    std::string advice = likely.empty() ? "see --help" : "did you mean ";
    for (std::size_t at = 0; at < likely.size(); ++at) {
        const std::string_view separator = at == 0 ? "" : at + 1 == likely.size() ? " or " : ", ";
        advice += util::concat(separator, "'--", likely[at], '\'');
    }
    throw UsageError(util::concat("unknown option '", util::escape(typed), "'; ", advice,
                                  likely.empty() ? "" : "?"));
}

[[noreturn]] void refuse_missing(const Option& option, std::string_view typed) {
    throw UsageError(util::concat("option '", typed, "' needs a value: ", option.value));
}

/// An option whose value is the next argument, or a question, if `argument` is one.
const Option* long_option_to_act_on(const Usage& usage, std::string_view argument) {
    const Option* const option = find_option(usage, argument);
    if (!option)
        refuse_unknown(usage, argument);
    const std::size_t equals = argument.find('=');
    if (equals == argument.npos)
        return needs_value(*option) || is_question(*option) ? option : nullptr;
    if (is_flag(*option))
        throw UsageError(util::concat("option '--", option->name, "' takes no value; see --help"));
    if (equals + 1 == argument.size() && !value_may_be_left_out(*option))
        refuse_missing(*option, argument.substr(0, equals));
    return nullptr;
}

/// The same for a cluster of short ones.
const Option* short_option_to_act_on(const Usage& usage, std::string_view argument) {
    const Cluster cluster = read_cluster(usage, argument);
    if (cluster.unknown)
        refuse_unknown(usage, util::concat('-', cluster.unknown));
    return cluster.question ? cluster.question : cluster.before_value;
}

struct Extent {
    std::size_t count = 0;             ///< Arguments that are options with their values.
    const Option* question = nullptr;  ///< Given among them, and the end of what is looked at.
};

Extent find_options(const Usage& usage, std::span<const std::string> arguments) {
    std::size_t at = 0;
    while (at < arguments.size() && arguments[at].size() > 1 && arguments[at][0] == '-'
           && arguments[at] != "--") {
        const std::string& argument = arguments[at++];
        const Option* const option = argument.starts_with("--")
                                         ? long_option_to_act_on(usage, argument)
                                         : short_option_to_act_on(usage, argument);
        if (!option)
            continue;
        if (is_question(*option))
            return {at, option};
        if (at == arguments.size())
            refuse_missing(*option, argument);
        ++at;
    }
    return {at, nullptr};
}

/// Lines that follow each other are one paragraph, but for those that begin with a space.
std::string fill_paragraphs(std::string_view text) {
    std::string out;
    std::string paragraph;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const bool is_text = !line.empty() && line.front() != ' ';
        if (is_text)
            paragraph += util::concat(paragraph.empty() ? "" : " ", line);
        if ((!is_text || text.empty()) && !paragraph.empty())
            out +=
                util::concat(util::wrap_lines(std::exchange(paragraph, {}), help_width, 0), '\n');
        if (!is_text)
            out += util::concat(line, '\n');
    }
    return out;
}

}  // namespace

bool needs_value(const Option& option) {
    return !is_flag(option) && !value_may_be_left_out(option);
}

bool is_question(const Option& option) {
    return option.name == help_option.name || option.name == version_option.name;
}

Cluster read_cluster(const Usage& usage, std::string_view cluster) {
    for (std::size_t at = 1; at < cluster.size(); ++at) {
        const Option* const option = find_option(usage, util::concat('-', cluster[at]));
        if (!option)
            return {.unknown = cluster[at]};
        if (is_question(*option))
            return {.question = option};
        if (!is_flag(*option)) {
            const bool is_last = at + 1 == cluster.size();
            return {.before_value = is_last && needs_value(*option) ? option : nullptr};
        }
    }
    return {};
}

std::optional<std::string> Arguments::value(std::string_view option) const {
    const auto found = values_.find(option);
    if (found == values_.end())
        return std::nullopt;
    return found->second.empty() ? std::string() : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
    const auto found = values_.find(option);
    return found == values_.end() ? std::vector<std::string>() : found->second;
}

Arguments parse(const Usage& usage, std::span<const std::string> arguments) {
    const auto [count, question] = find_options(usage, arguments);
    Arguments parsed;
    if (question) {
        parsed.values_[std::string(question->name)];
        return parsed;
    }
    const std::vector<std::string> options(arguments.begin(),
                                           arguments.begin() + static_cast<std::ptrdiff_t>(count));
    using namespace po::command_line_style;
    constexpr int style = allow_long | allow_short | allow_dash_for_short | long_allow_adjacent
                          | long_allow_next | short_allow_adjacent | short_allow_next
                          | allow_sticky;
    try {
        const po::options_description description = describe(usage);
        const auto found = po::command_line_parser(options).options(description).style(style).run();
        for (const auto& option : found.options) {
            auto& values = parsed.values_[option.string_key];
            values.insert(values.end(), option.value.begin(), option.value.end());
        }
    } catch (const po::error& error) {
        throw UsageError(util::concat(error.what(), "; see --help"));
    }
    std::span<const std::string> rest = arguments.subspan(count);
    if (!rest.empty() && rest.front() == "--")
        rest = rest.subspan(1);
    parsed.operands_.assign(rest.begin(), rest.end());
    return parsed;
}

std::string help(const Usage& usage, std::string_view invoked_as) {
    constexpr std::size_t help_column = 28;
    std::string out =
        util::concat("Usage: ", invoked_as, ' ', usage.synopsis, "\n\n",
                     util::wrap_lines(usage.summary, help_width, 0), "\n\nOptions:\n");
    for (const Option& option : usage.options) {
        std::string line = option.letter ? util::concat("  -", option.letter) : std::string("    ");
        if (!option.name.empty())
            line += util::concat(option.letter ? ", --" : "  --", option.name);
        if (value_may_be_left_out(option))
            line += util::concat("[=", option.value.substr(1));
        else if (!is_flag(option))
            line += util::concat(option.name.empty() ? ' ' : '=', option.value);
        if (line.size() + 2 > help_column)
            line += util::concat('\n', std::string(help_column, ' '));
        else
            line.resize(help_column, ' ');
        line += option.help;
        out += util::concat(util::wrap_lines(line, help_width, help_column), '\n');
    }
    if (!usage.details.empty())
        out += util::concat('\n', fill_paragraphs(usage.details));
    return out;
}

}  // namespace notifybridge::cli
