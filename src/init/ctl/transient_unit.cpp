#include "init/ctl/transient_unit.hpp"

#include <cctype>

#include "base/util/concat.hpp"
#include "init/ctl/context.hpp"
#include "init/files/directive/directive.hpp"

namespace notifybridge::ctl {
namespace {

using util::concat;

/// Returns the section of a unit of this type: "Service".
std::string section_of(std::string_view type) {
    std::string section(type);
    if (!section.empty())
        section.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(type.front())));
    return section;
}

std::string without_specifiers(std::string_view value) {
    std::string text;
    for (const char each : value)
        text += each == '%' ? std::string("%%") : std::string(1, each);
    return text;
}

}  // namespace

void TransientUnit::add(const Assignment& setting) {
    const auto& [name, value] = setting;
    // A backslash at the end would join the next line.
    if (value.find_first_of("\n\r") != value.npos || value.ends_with('\\'))
        throw Failure(concat("The value of ", name,
                             "= must not contain a line break, or end with a backslash."));
    const std::string line = concat(name, '=', without_specifiers(value), '\n');
    if (directive::find_directive(section_of(type_), name))
        lines_ += line;
    else if (directive::find_directive("Unit", name))
        unit_lines_ += line;
    else
        throw Failure(concat("Unknown assignment: ", name, '=', value));
}

void TransientUnit::add_assignment(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos)
        throw Failure(concat("Not an assignment: ", text));
    add({std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))});
}

void TransientUnit::set_command(const std::vector<std::string>& words, bool expands) {
    std::string line = concat("ExecStart=", expands ? "" : ":");
    for (const std::string& word : words)
        line += concat(&word == &words.front() ? "" : " ", without_specifiers(quoted_word(word)));
    lines_ += concat(line, '\n');
}

std::string TransientUnit::text() const {
    return concat("# This is a transient unit file, created by systemd-run. Do not edit.\n[Unit]\n",
                  unit_lines_, '[', section_of(type_), "]\n", lines_);
}

std::string quoted_word(std::string_view word) {
    // A lone ";" would begin another command.
    if (word == ";")
        return "\\;";
    std::string text = "\"";
    for (const char each : word) {
        constexpr std::string_view digits = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(each);
        if (each == '"' || each == '\\')
            text += concat('\\', each);
        else if (byte < ' ' || byte == 0x7f)
            text += concat("\\x", digits[byte >> 4U], digits[byte & 15U]);
        else
            text += each;
    }
    return text + '"';
}

}  // namespace notifybridge::ctl
