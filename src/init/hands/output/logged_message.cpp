#include "init/hands/output/logged_message.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/severity_name.hpp"
#include "init/hands/output/output_lines.hpp"

namespace notifybridge::output {
namespace {

constexpr std::string_view white_space = " \t\r\n";

/// Returns whether `text` begins with a text of this pattern. In `pattern`, '0' matches a digit or
/// a space, and 'a' matches a letter.
bool begins_like(std::string_view text, std::string_view pattern) {
    if (text.size() < pattern.size())
        return false;
    return std::equal(pattern.begin(), pattern.end(), text.begin(), [](char wanted, char byte) {
        if (wanted == '0')
            return (byte >= '0' && byte <= '9') || byte == ' ';
        if (wanted == 'a')
            return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        return byte == wanted;
    });
}

/// Removes a priority such as "<13>". Returns the last three bits of the number as a digit. Returns
/// nullopt if `text` does not begin with a priority.
std::optional<char> take_priority(std::string_view& text) {
    constexpr std::size_t most_digits = 3;
    const std::size_t end = text.substr(0, most_digits + 2).find('>');
    if (!text.starts_with('<') || end == text.npos)
        return std::nullopt;
    const auto number = util::parse_number<std::uint16_t>(text.substr(1, end - 1));
    if (!number)
        return std::nullopt;
    text.remove_prefix(end + 1);
    return static_cast<char>('0' + (*number & 7U));
}

/// Removes a time such as "Nov 25 14:18:21 " (RFC 3164) or "2026-11-25T14:18:21.5+01:00 " (RFC
/// 3339).
void take_time(std::string_view& text) {
    constexpr std::string_view short_time = "aaa 00 00:00:00 ";
    if (begins_like(text, short_time))
        text.remove_prefix(short_time.size());
    else if (begins_like(text, "0000-00-00T00:00:00") && text.find(' ') != text.npos)
        text.remove_prefix(text.find(' ') + 1);
}

/// Removes an identifier such as "cron[12]: ". Returns the name in the identifier: "cron".
std::string_view take_identifier(std::string_view& text) {
    const std::size_t begin = std::min(text.find_first_not_of(white_space), text.size());
    const std::string_view rest = text.substr(begin);
    const std::size_t size = std::min(rest.find_first_of(white_space), rest.size());
    std::string_view word = rest.substr(0, size);
    if (word.size() < 2 || !word.ends_with(':'))
        return {};
    word.remove_suffix(1);
    if (const std::size_t bracket = word.rfind('['); word.ends_with(']') && bracket != word.npos)
        word = word.substr(0, bracket);
    text = rest.substr(std::min(size + 1, rest.size()));
    return word;
}

/// A field of an entry in the protocol of the journal.
struct Field {
    std::string_view name;
    std::string_view value;
};

/// Removes and returns a field. Returns nullopt if the field is incomplete.
std::optional<Field> take_field(std::string_view& rest) {
    const std::size_t line_end = rest.find('\n');
    const std::string_view line = rest.substr(0, line_end);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (const std::size_t equals = line.find('='); equals != line.npos)
        return Field{line.substr(0, equals), line.substr(equals + 1)};
    // The size is little-endian on all machines.
    if (line_end == line.npos || rest.size() < sizeof(std::uint64_t))
        return std::nullopt;
    std::uint64_t size = 0;
    for (std::size_t at = sizeof size; at-- > 0;)
        size = size << 8U | static_cast<unsigned char>(rest[at]);
    rest.remove_prefix(sizeof size);
    if (size >= rest.size() || rest[size] != '\n')
        return std::nullopt;
    const Field field{line, rest.substr(0, size)};
    rest.remove_prefix(size + 1);
    return field;
}

void take_value(LoggedMessage& message, const Field& field) {
    if (field.name == "MESSAGE")
        message.text = field.value;
    else if (field.name == "SYSLOG_IDENTIFIER")
        message.identifier = field.value;
    else if (field.name == "PRIORITY" && field.value.size() == 1 && field.value[0] >= '0'
             && field.value[0] <= '7')
        message.severity = util::severity_of_priority(field.value[0]);
    else if (field.name == "SYSLOG_FACILITY")
        message.facility = util::parse_number<std::uint8_t>(field.value).value_or(user_facility);
}

}  // namespace

LoggedMessage parse_syslog(std::string_view datagram) {
    LoggedMessage message;
    if (const auto priority = take_priority(datagram))
        message.severity = util::severity_of_priority(*priority);
    take_time(datagram);
    message.identifier = take_identifier(datagram);
    message.text = datagram;
    return message;
}

bool parse_journal_entries(std::string_view datagram,
                           util::FunctionRef<void(const LoggedMessage&)> take) {
    LoggedMessage message;
    const auto end_entry = [&] {
        if (!message.text.empty())
            take(message);
        message = {};
    };
    while (!datagram.empty()) {
        if (datagram.front() == '\n') {
            datagram.remove_prefix(1);
            end_entry();
            continue;
        }
        const auto field = take_field(datagram);
        if (!field)
            return false;
        take_value(message, *field);
    }
    end_entry();
    return true;
}

bool is_about_mark(const LoggedMessage& message) {
    constexpr std::string_view module = "pam_limits(", error = "Operation not permitted; uid=";
    const std::string_view text = message.text;
    if (!text.starts_with(module) || text.find(error) == text.npos)
        return false;
    const std::string_view reason = text.substr(std::min(text.find("): "), text.size()));
    return reason.starts_with("): Could not set limit for 'rss' to ")
           || reason.starts_with("): Could not set limit for 'locks' to ");
}

void for_each_line(const LoggedMessage& message,
                   util::FunctionRef<void(std::string_view line)> take) {
    OutputLines lines(false);
    const auto with_identifier = [&](util::Severity, std::string_view line) {
        take(message.identifier.empty() ? std::string(line)
                                        : util::concat(message.identifier, ": ", line));
    };
    lines.add(message.text, with_identifier);
    lines.end(with_identifier);
}

}  // namespace notifybridge::output
