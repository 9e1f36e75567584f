#include "base/util/escape.hpp"

#include "base/util/number.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::util {
namespace {

constexpr std::size_t quoted_limit = 256;

/// What stands behind a backslash for each of `plain`.
constexpr std::string_view escape_letters = "\\nrt";
constexpr std::string_view plain = "\\\n\r\t";

/// U+0080 to U+009F: some terminals act on these as on ESC sequences.
bool is_c1_control(std::string_view sequence) {
    return sequence.size() == 2 && sequence[0] == '\xC2'
           && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

void append_escaped(std::string& out, std::string_view sequence) {
    const char first = sequence[0];
    if (const std::size_t at = plain.find(first); at != plain.npos)
        out += {'\\', escape_letters[at]};
    else if (static_cast<unsigned char>(first) < 0x20 || first == 0x7F)
        append_hex(out, first);
    else if (is_c1_control(sequence))
        for (const char byte : sequence)
            append_hex(out, byte);
    else
        out += sequence;
}

}  // namespace

void append_hex(std::string& out, char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    out += {'\\', 'x', digits[value >> 4], digits[value & 15]};
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (const std::size_t length = utf8_sequence(text)) {
            append_escaped(out, text.substr(0, length));
            text.remove_prefix(length);
        } else {
            append_hex(out, text[0]);
            text.remove_prefix(1);
        }
    }
    return out;
}

std::optional<std::string> unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\') {
            out += text[at];
            continue;
        }
        if (++at == text.size())
            return std::nullopt;
        if (const std::size_t letter = escape_letters.find(text[at]);
            letter != escape_letters.npos) {
            out += plain[letter];
            continue;
        }
        const auto byte = parse_number<unsigned char>(text.substr(at + 1, 2), 16);
        if (text[at] != 'x' || !byte || at + 2 >= text.size())
            return std::nullopt;
        out += static_cast<char>(*byte);
        at += 2;
    }
    return out;
}

std::string quote(std::string_view text) {
    std::string out = "\"";
    for (const char byte : escape(text.substr(0, quoted_limit))) {
        if (byte == '"')
            out += '\\';
        out += byte;
    }
    return out + (text.size() > quoted_limit ? "\"..." : "\"");
}

}  // namespace notifybridge::util
