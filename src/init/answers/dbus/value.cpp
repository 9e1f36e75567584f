#include "init/answers/dbus/value.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/bus/property.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"
#include "base/util/utf8.hpp"
#include "init/answers/dbus/object.hpp"

namespace notifybridge::dbus {
namespace {

/// Parses the whole `text` as a number. Returns nullopt if `text` is not a number.
template <typename Number>
std::optional<Number> parse(std::string_view text, int base = 10) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

/// Parses a number, a mode ("0755"), a point in time ("@" and microseconds) or a time span
/// ("1min 30s"). Like systemd, returns the largest number for infinity. Returns -1 for "[not set]"
/// and "[no data]", which is the largest number if the type has no sign.
template <typename Number>
Number number_of(std::string_view text) {
    constexpr Number largest = std::numeric_limits<Number>::max();
    if (text.starts_with('@'))
        text.remove_prefix(1);
    const bool is_mode = text.size() > 1 && text.starts_with('0');
    if (const auto number = parse<Number>(text, is_mode ? 8 : 10))
        return *number;
    if (text.empty())
        return 0;
    const auto span = util::parse_time_span(text);
    if (!span)
        return text == "[not set]" || text == "[no data]" ? static_cast<Number>(-1) : 0;
    return *span == util::infinity ? largest : static_cast<Number>(span->count());
}

/// Returns the byte for the letter of an escape sequence, such as a newline for "n".
char unescaped(char letter) {
    constexpr std::string_view letters = "abtnvfr";
    const std::size_t at = letters.find(letter);
    return at == letters.npos ? letter : static_cast<char>('\a' + at);
}

/// Reads the rest of an escape sequence after its "\", and removes this rest from `text`.
char read_escape(std::string_view& text) {
    if (const auto byte = parse<std::uint8_t>(text.substr(0, 3), 8); byte && text.size() >= 3) {
        text.remove_prefix(3);
        return static_cast<char>(*byte);
    }
    const char letter = text.front();
    text.remove_prefix(1);
    return unescaped(letter);
}

std::string read_quoted(std::string_view& text) {
    std::string word;
    while (!text.empty()) {
        const char letter = text.front();
        text.remove_prefix(1);
        if (letter == '"')
            break;
        word += letter == '\\' && !text.empty() ? read_escape(text) : letter;
    }
    return word;
}

void add_id(bus::Writer& writer, std::string_view digits) {
    const auto array = writer.begin_array(1);
    for (; digits.size() >= 2; digits.remove_prefix(2))
        writer.add_byte(parse<std::uint8_t>(digits.substr(0, 2), 16).value_or(0));
    writer.end_array(array);
}

void add_job(bus::Writer& writer, std::string_view id) {
    const auto number = number_of<std::uint32_t>(id);
    writer.begin_struct();
    writer.add_number(number);
    writer.add_string(number == 0 ? "/" : job_path(number));
}

void add_unit_name(bus::Writer& writer, std::string_view name) {
    writer.begin_struct();
    add_text(writer, name);
    writer.add_string(bus::unit_path(name));
}

/// Adds an error: `org.freedesktop.systemd1.NoSuchUnit "Unit a.service not found."`.
void add_error(bus::Writer& writer, std::string_view text) {
    const std::string_view name = util::take_until(text, ' ');
    if (text.starts_with('"'))
        text.remove_prefix(1);
    if (text.ends_with('"'))
        text.remove_suffix(1);
    writer.begin_struct();
    add_text(writer, name);
    add_text(writer, text);
}

/// Adds a line of Listen or Paths, such as "/run/x.sock (Stream)". In the D-Bus value, the type
/// comes first.
void add_address(bus::Writer& writer, std::string_view line) {
    constexpr std::string_view before_type = " (";
    const std::size_t size = std::min(line.rfind(before_type), line.size());
    std::string_view type = line.substr(size);
    type.remove_prefix(std::min(before_type.size(), type.size()));
    if (type.ends_with(')'))
        type.remove_suffix(1);
    writer.begin_struct();
    add_text(writer, type);
    add_text(writer, line.substr(0, size));
}

/// Adds a line of the text that `conditions_text` returns.
void add_condition(bus::Writer& writer, std::string_view line) {
    std::vector<std::string> words = split_property(line);
    words.resize(5);
    writer.begin_struct();
    add_text(writer, words[0]);
    add_value(writer, "b", words[1]);
    add_value(writer, "b", words[2]);
    add_text(writer, words[4]);
    add_value(writer, "i", words[3]);
}

/// Adds an array of structs, one for each line.
void add_lines(bus::Writer& writer, std::string_view text,
               void (*add_line)(bus::Writer&, std::string_view)) {
    const auto array = writer.begin_array(8);
    while (!text.empty())
        add_line(writer, util::take_until(text, '\n'));
    writer.end_array(array);
}

}  // namespace

void add_text(bus::Writer& writer, std::string_view text) {
    if (util::is_utf8(text) && text.find('\0') == text.npos) {
        writer.add_string(text);
        return;
    }
    std::string valid;
    while (!text.empty()) {
        const std::size_t size = util::utf8_sequence(text);
        const std::string_view sequence = text.substr(0, size == 0 ? 1 : size);
        const bool is_valid = size != 0 && text.front() != '\0' && util::is_utf8(sequence);
        valid += is_valid ? sequence : "?";
        text.remove_prefix(sequence.size());
    }
    writer.add_string(valid);
}

void add_texts(bus::Writer& writer, const std::vector<std::string>& texts) {
    const auto array = writer.begin_array(4);
    for (const std::string& text : texts)
        add_text(writer, text);
    writer.end_array(array);
}

std::vector<std::string> split_property(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        if (text.front() == '"') {
            text.remove_prefix(1);
            words.push_back(read_quoted(text));
            util::take_until(text, ' ');
        } else if (const std::string_view word = util::take_until(text, ' '); !word.empty()) {
            words.emplace_back(word);
        }
    }
    return words;
}

void add_value(bus::Writer& writer, std::string_view type, std::string_view text) {
    if (type == "s")
        add_text(writer, text);
    else if (type == "o")
        writer.add_string(text.empty() ? "/" : text);
    else if (type == "b")
        writer.add_bool(text == "yes");
    else if (type == "u")
        writer.add_number(number_of<std::uint32_t>(text));
    else if (type == "i")
        writer.add_number(static_cast<std::uint32_t>(number_of<std::int32_t>(text)));
    else if (type == "t")
        writer.add_long(number_of<std::uint64_t>(text));
    else if (type == "as")
        add_texts(writer, split_property(text));
    else if (type == "ay")
        add_id(writer, text);
    else if (type == "(uo)")
        add_job(writer, text);
    else if (type == "(so)")
        add_unit_name(writer, text);
    else if (type == "(ss)")
        add_error(writer, text);
    else if (type == "a(ss)")
        add_lines(writer, text, add_address);
    else if (type == "a(sbbsi)")
        add_lines(writer, text, add_condition);
}

void add_variant(bus::Writer& writer, std::string_view type, std::string_view text) {
    writer.add_signature(type);
    add_value(writer, type, text);
}

}  // namespace notifybridge::dbus
