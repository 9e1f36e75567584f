#include "base/cli/options.hpp"

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <utility>

#include "base/util/closest.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/wrap_lines.hpp"

namespace notifybridge::cli {
namespace {

namespace po = boost::program_options;

bool is_flag(const Option& option) {
    return option.value.empty();
}

bool value_may_be_left_out(const Option& option) {
    return option.value.view().starts_with('[');
}

/// Returns whether `argument` is an option, and neither an operand nor "--".
bool is_option(std::string_view argument) {
    return argument.size() > 1 && argument[0] == '-' && argument != "--";
}

/// Returns whether `argument` may mean `option`. Considers abbreviations and groups of letters.
bool may_be(const Option& option, std::string_view argument) {
    if (!is_option(argument))
        return false;
    if (argument[1] != '-')
        return option.letter && argument.find(option.letter) != argument.npos;
    return option.name.view().starts_with(argument.substr(2, argument.find('=') - 2));
}

/// Describes only the options that occur in the arguments. Describing all options of `wrap` would
/// take more than 90,000 instructions. The rest of the option parsing takes less than half of that.
po::options_description describe(const Usage& usage, std::span<const std::string> arguments) {
    po::options_description description;
    for (const Option& option : usage.options) {
        const auto is_meant = [&](std::string_view argument) { return may_be(option, argument); };
        if (std::ranges::none_of(arguments, is_meant))
            continue;
        std::string names(option.name.view());
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

/// Returns the options that begin with `typed`. If there are none, returns the option that the user
/// probably meant.
std::vector<std::string_view> likely_options(const Usage& usage, std::string_view typed) {
    std::vector<std::string_view> names;
    std::vector<std::string_view> likely;
    for (const Option& option : usage.options) {
        names.push_back(option.name);
        if (!typed.empty() && option.name.view().starts_with(typed))
            likely.push_back(option.name);
    }
    const std::string_view near = util::closest(typed, names);
    if (likely.empty() && !near.empty())
        likely.push_back(near);
    return likely;
}

/// Returns an option as --help shows it, with its text in a second column. If the terminal is
/// narrow, the text is below the option.
std::string option_lines(const Option& option, std::size_t width) {
    constexpr std::size_t least_for_columns = 60;
    const std::size_t column = width < least_for_columns ? 8 : 28;
    std::string line = option.letter ? util::concat("  -", option.letter) : std::string("    ");
    if (!option.name.empty())
        line += util::concat(option.letter ? ", --" : "  --", option.name);
    if (value_may_be_left_out(option))
        line += util::concat("[=", option.value.view().substr(1));
    else if (!is_flag(option))
        line += util::concat(option.name.empty() ? ' ' : '=', option.value);
    if (line.size() + 2 > column)
        line += util::concat('\n', std::string(column, ' '));
    else
        line.resize(column, ' ');
    line += option.help.view();
    return util::concat(util::wrap_lines(line, width, column), '\n');
}

/// Returns the headings of the options in order, beginning with "".
std::vector<std::string_view> headings_of(std::span<const Option> options) {
    std::vector<std::string_view> headings = {""};
    for (const Option& option : options)
        if (!util::contains(headings, option.heading))
            headings.push_back(option.heading);
    return headings;
}

/// Breaks a command that is wider than `width`. A backslash marks each break, as in shells and unit
/// files. `continues` is whether the command began on the line before. Treats quotes like other
/// characters.
std::string break_command(std::string_view line, std::size_t width, bool continues) {
    constexpr std::string_view backslash = " \\";
    const std::size_t begin = line.find_first_not_of(' ');
    const std::string one_line = util::wrap_lines(line, width, 0);
    if (one_line == line)
        return one_line;
    const bool goes_on = line.ends_with(backslash);
    if (goes_on)
        line.remove_suffix(backslash.size());
    const std::size_t indent = continues ? begin : begin + 2;
    const std::string wrapped = util::wrap_lines(line, width - backslash.size(), indent);
    std::string out;
    for (const char letter : wrapped)
        out += letter == '\n' ? util::concat(backslash, letter) : std::string(1, letter);
    return goes_on ? util::concat(out, backslash) : out;
}

/// Breaks a line of a list. If the line has two columns, the text stays in the second column.
std::string break_item(std::string_view line, std::size_t width) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t gap = line.find("  ", begin);
    const std::size_t column = gap == line.npos ? begin + 2 : line.find_first_not_of(' ', gap);
    return util::wrap_lines(line, width, column);
}

/// Joins consecutive lines into paragraphs. A line that begins with a space is not joined. Below a
/// paragraph that begins with "Example", such a line is part of a command. Elsewhere, it is part of
/// a list.
std::string fill_paragraphs(std::string_view text, std::size_t width) {
    std::string out;
    std::string paragraph;
    bool is_example = false;
    bool continues = false;
    while (!text.empty()) {
        const std::string_view line = util::take_until(text, '\n');
        const bool is_text = !line.empty() && line.front() != ' ';
        if (is_text)
            paragraph += util::concat(paragraph.empty() ? "" : " ", line);
        if ((!is_text || text.empty()) && !paragraph.empty()) {
            is_example = paragraph.starts_with("Example");
            out += util::concat(util::wrap_lines(std::exchange(paragraph, {}), width, 0), '\n');
        }
        if (!is_text)
            out += util::concat(
                is_example ? break_command(line, width, continues) : break_item(line, width), '\n');
        continues = line.ends_with('\\');
    }
    return out;
}

}  // namespace

/// A parser of one command line. `take` gets the arguments before Program_options reads them, and
/// handles the cases in which getopt_long(3) differs from Program_options. These cases are the end
/// of the options, arguments after --help, and values that are empty or look like options.
class CommandLine {
public:
    CommandLine(const Usage& usage, std::span<const std::string> arguments,
                BeginsCommand begins_command, bool is_getopt)
        : usage_(usage),
          description_(describe(usage, arguments)),
          arguments_(arguments.begin(), arguments.end()),
          begins_command_(begins_command),
          is_getopt_(is_getopt) {}

    Arguments read() {
        using namespace po::command_line_style;
        constexpr int style = allow_long | allow_short | allow_dash_for_short | long_allow_adjacent
                              | long_allow_next | short_allow_adjacent | short_allow_next;
        try {
            auto parser = po::command_line_parser(arguments_);
            parser.options(description_).style(is_getopt_ ? style | allow_guessing : style);
            parser.extra_style_parser([this](auto& left) { return take(left); });
            for (const po::option& option : parser.run().options) {
                auto& values = parsed_.values_[option.string_key];
                // The last value counts, even if it was left out.
                if (option.value.empty() && may_lack_value(option.string_key))
                    values.emplace_back();
                values.insert(values.end(), option.value.begin(), option.value.end());
            }
        } catch (const po::invalid_command_line_syntax& error) {
            if (is_flag(*option_))
                refuse_value();
            refuse_missing(error.kind() == error.missing_parameter ? arguments_.back() : typed_);
        } catch (const po::ambiguous_option& error) {
            refuse_ambiguous(error.alternatives());
        }
        return std::move(parsed_);
    }

private:
    /// Reads options at the front of `left`. Removes them from `left`, and returns them with their
    /// values. Program_options then reads the first remaining argument.
    std::vector<po::option> take(std::vector<std::string>& left) {
        typed_ = left.front();
        if (!is_option(typed_)) {
            take_operands(left);
            return {};
        }
        const bool is_long = typed_[1] == '-';
        const std::size_t name_end = is_long ? typed_.find('=') : 2;
        const auto* const found = find(typed_);
        if (!found)
            refuse_unknown();
        const std::string key = found->key("");
        option_ = &*std::ranges::find_if(usage_.options, [&](const Option& option) {
            return key == option.name || key == util::concat('-', option.letter);
        });
        const bool is_bare = name_end >= typed_.size();
        if (!is_bare && !is_long && is_flag(*option_)) {
            // Splits "-vt" into "-v" and "-t".
            left.front().resize(name_end);
            left.insert(left.begin() + 1, util::concat('-', typed_.substr(name_end)));
            return {};
        }
        parsed_.values_[key];
        if (is_bare && (key == help_option.name || key == version_option.name))
            left.resize(1);
        const bool has_next = is_bare && found->semantic()->min_tokens() > 0 && left.size() > 1;
        const bool is_empty = is_long && is_getopt_ && name_end + 1 == typed_.size();
        if (!has_next && !is_empty)
            return {};
        // If the next argument is an option, the value is missing. A value that looks like an
        // option must follow an equals sign.
        if (has_next && !is_getopt_ && (left[1] == "--" || (is_option(left[1]) && find(left[1]))))
            refuse_missing(typed_);
        const std::string value = has_next ? left[1] : std::string();
        left.erase(left.begin(), left.begin() + (has_next ? 2 : 1));
        return {po::option(key, {value})};
    }

    bool may_lack_value(std::string_view name) const {
        return std::ranges::any_of(usage_.options, [name](const Option& option) {
            return option.name == name && value_may_be_left_out(option);
        });
    }

    /// Returns the option that `argument` names. Returns null if there is none.
    const po::option_description* find(std::string_view argument) const {
        const bool is_long = argument[1] == '-';
        const std::string name(is_long ? argument.substr(2, argument.find('=') - 2)
                                       : argument.substr(0, 2));
        return name.empty() ? nullptr : description_.find_nothrow(name, is_getopt_);
    }

    /// Takes the operands up to the next option.
    void take_operands(std::vector<std::string>& left) {
        auto& operands = parsed_.operands_;
        auto at = left.begin();
        while (at != left.end() && !is_option(*at) && *at != "--" && !begins_command_(parsed_, *at))
            operands.push_back(std::move(*at++));
        if (at != left.end() && !is_option(*at)) {
            operands.insert(operands.end(), at + (*at == "--" ? 1 : 0), left.end());
            at = left.end();
        }
        left.erase(left.begin(), at);
    }

    [[noreturn]] void refuse_unknown() const {
        const bool is_long = typed_.starts_with("--");
        const std::string typed = typed_.substr(0, is_long ? typed_.find('=') : 2);
        for (const Option& other : usage_.others)
            if (is_long ? typed.substr(2) == other.name : typed[1] == other.letter)
                throw UsageError(util::concat("'", util::escape(typed),
                                              "' is not an option of this command, but of ",
                                              usage_.others_of));
        if (is_getopt_)
            throw UsageError(
                is_long
                    ? util::concat("unrecognized option '", util::escape(typed_), '\'')
                    : util::concat("invalid option -- '", util::escape(typed_.substr(1, 1)), '\''));
        std::vector<std::string_view> likely;
        if (is_long)
            likely = likely_options(usage_, std::string_view(typed).substr(2));
        std::string advice = likely.empty() ? "see --help" : "did you mean ";
        for (std::size_t at = 0; at < likely.size(); ++at) {
            const std::string_view separator = at == 0                   ? ""
                                               : at + 1 == likely.size() ? " or "
                                                                         : ", ";
            advice += util::concat(separator, "'--", likely[at], '\'');
        }
        throw UsageError(util::concat("unknown option '", util::escape(typed), "'; ", advice,
                                      likely.empty() ? "" : "?"));
    }

    [[noreturn]] void refuse_ambiguous(const std::vector<std::string>& possibilities) const {
        std::string text =
            util::concat("option '", util::escape(typed_), "' is ambiguous; possibilities:");
        for (const std::string& name : possibilities)
            text += util::concat(" '--", name, '\'');
        throw UsageError(text);
    }

    [[noreturn]] void refuse_value() const {
        throw UsageError(util::concat(
            "option '--", option_->name,
            is_getopt_ ? "' doesn't allow an argument" : "' takes no value; see --help"));
    }

    [[noreturn]] void refuse_missing(std::string_view typed) const {
        if (!is_getopt_)
            throw UsageError(util::concat("option '", typed.substr(0, typed.find('=')),
                                          "' needs a value: ", option_->value));
        if (typed_.starts_with("--"))
            throw UsageError(util::concat("option '--", option_->name, "' requires an argument"));
        throw UsageError(util::concat("option requires an argument -- '", option_->letter, '\''));
    }

    const Usage& usage_;
    const po::options_description description_;
    const std::vector<std::string> arguments_;
    BeginsCommand begins_command_;
    const bool is_getopt_;
    std::string typed_;               ///< The current argument.
    const Option* option_ = nullptr;  ///< The current option.
    Arguments parsed_;
};

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
    const auto always = [](const Arguments&, std::string_view) { return true; };
    return CommandLine(usage, arguments, always, false).read();
}

Arguments parse_as_getopt(const Usage& usage, std::span<const std::string> arguments,
                          BeginsCommand begins_command) {
    return CommandLine(usage, arguments, begins_command, true).read();
}

std::string help(const Usage& usage, std::string_view invoked_as, std::size_t width) {
    std::string out = util::concat(
        util::wrap_lines(util::concat("Usage: ", invoked_as, ' ', usage.synopsis), width, 7),
        "\n\n", util::wrap_lines(usage.summary, width, 0), '\n');
    for (const std::string_view heading : headings_of(usage.options)) {
        const std::string title = util::concat(heading.empty() ? "Options" : heading, ':');
        out += util::concat('\n', util::wrap_lines(title, width, 0), '\n');
        for (const Option& option : usage.options)
            if (option.heading == heading)
                out += option_lines(option, width);
    }
    if (!usage.details.empty())
        out += util::concat('\n', fill_paragraphs(usage.details, width));
    return out;
}

}  // namespace notifybridge::cli
