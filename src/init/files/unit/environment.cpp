#include "init/files/unit/environment.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/utf8.hpp"
#include "base/util/words.hpp"
#include "init/files/unit/merge_variables.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::unit {
namespace {

using util::npos;

bool has_name(std::string_view assignment, std::string_view name) {
    return assignment.starts_with(name) && assignment.substr(name.size()).starts_with('=');
}

/// A parser that reads the assignments of a file byte by byte, like systemd's parse_env_file.
class FileParser {
public:
    explicit FileParser(std::string_view text) : rest_(text) {}

    Environment parse() {
        while (!rest_.empty())
            parse_line();
        Environment environment;
        merge_variables(environment, std::move(found_));
        return environment;
    }

    /// Returns whether all assignments that were read are UTF-8, including invalid assignments.
    bool is_utf8() const { return is_utf8_; }

private:
    bool at_line_end() const { return rest_.empty() || rest_[0] == '\n' || rest_[0] == '\r'; }

    char take() {
        const char byte = rest_[0];
        rest_.remove_prefix(1);
        return byte;
    }

    void parse_line();
    void skip_comment();
    std::string take_value();
    void take_plain(std::string& value);
    void take_double_quoted(std::string& value);
    void take_single_quoted(std::string& value);

    std::string_view rest_;
    Environment found_;  ///< A name that was set twice occurs twice.
    bool is_utf8_ = true;
};

void FileParser::parse_line() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(util::white_space), rest_.size()));
    if (rest_.starts_with('#') || rest_.starts_with(';')) {
        skip_comment();
        return;
    }
    const std::size_t end = std::min(rest_.find_first_of("=\n\r"), rest_.size());
    const std::string_view name = util::strip(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (!rest_.starts_with('='))
        return;
    rest_.remove_prefix(1);
    std::string assignment = util::concat(name, '=', take_value());
    is_utf8_ = is_utf8_ && util::is_utf8(assignment);
    if (is_variable_assignment(assignment))
        found_.push_back(std::move(assignment));
}

/// Skips the rest of the line. If the line ends with "\", the next line is part of the comment,
/// too.
void FileParser::skip_comment() {
    while (!at_line_end())
        if (take() == '\\' && !rest_.empty())
            rest_.remove_prefix(1);
}

/// Returns the value of an assignment. Keeps white space in quotes, and removes it at both ends of
/// unquoted text.
std::string FileParser::take_value() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t'))
        rest_.remove_prefix(1);
    std::string value;
    while (!at_line_end()) {
        const char byte = rest_[0];
        if (byte == '\'')
            take_single_quoted(value);
        else if (byte == '"')
            take_double_quoted(value);
        else
            take_plain(value);
        while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t'))
            rest_.remove_prefix(1);
    }
    return value;
}

/// Reads unquoted text. In the rest of the line, quotes are plain characters.
void FileParser::take_plain(std::string& value) {
    std::size_t kept = value.size();
    while (!at_line_end()) {
        const char byte = take();
        if (byte != '\\') {
            value += byte;
        } else if (!rest_.empty()) {
            const char next = take();
            if (next == '\n' || next == '\r')
                continue;
            value += next;
            kept = value.size();
            continue;
        }
        if (byte != ' ' && byte != '\t')
            kept = value.size();
    }
    value.resize(kept);
}

void FileParser::take_single_quoted(std::string& value) {
    take();
    while (!rest_.empty()) {
        const char byte = take();
        if (byte == '\'')
            return;
        value += byte;
    }
}

void FileParser::take_double_quoted(std::string& value) {
    take();
    while (!rest_.empty()) {
        const char byte = take();
        if (byte == '"')
            return;
        if (byte != '\\' || rest_.empty()) {
            value += byte;
            continue;
        }
        const char next = take();
        if (next == '\n')
            continue;
        if (std::string_view("\"\\`$").find(next) == npos)
            value += '\\';
        value += next;
    }
}

}  // namespace

bool is_variable_name(std::string_view text) noexcept {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9'))
        return false;
    return std::ranges::all_of(text, [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
               || (byte >= '0' && byte <= '9') || byte == '_';
    });
}

bool is_variable_assignment(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == npos || !is_variable_name(text.substr(0, equals)))
        return false;
    const std::string_view value = text.substr(equals + 1);
    return util::is_utf8(value);
}

void set_variable(Environment& environment, std::string assignment) {
    const auto name = std::string_view(assignment).substr(0, assignment.find('='));
    const auto found = std::ranges::find_if(
        environment, [&](const std::string& known) { return has_name(known, name); });
    if (found != environment.end())
        *found = std::move(assignment);
    else
        environment.push_back(std::move(assignment));
}

std::optional<std::string_view> get_variable(const Environment& environment,
                                             std::string_view name) {
    for (auto known = environment.rbegin(); known != environment.rend(); ++known)
        if (has_name(*known, name))
            return std::string_view(*known).substr(name.size() + 1);
    return std::nullopt;
}

void unset_variable(Environment& environment, std::string_view name_or_assignment) {
    std::erase_if(environment, [&](const std::string& known) {
        return known == name_or_assignment || has_name(known, name_or_assignment);
    });
}

Environment parse_environment_file(std::string_view text) {
    return FileParser(text).parse();
}

std::optional<Environment> parse_strict_environment_file(std::string_view text) {
    FileParser parser(text);
    Environment found = parser.parse();
    if (!parser.is_utf8() || text.find('\0') != npos)
        return std::nullopt;
    return found;
}

}  // namespace notifybridge::unit
