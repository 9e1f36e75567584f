#include "base/util/escape.hpp"

#include "base/util/number.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::util {
namespace {

constexpr std::size_t quoted_limit = 256;

void append_hex(std::string& out, unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

/// U+0080 to U+009F: some terminals act on these as on ESC sequences.
bool is_c1_control(std::string_view sequence) {
    return sequence.size() == 2 && sequence[0] == '\xC2'
           && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

void append_escaped(std::string& out, std::string_view sequence) {
    const char first = sequence[0];
    if (first == '\\')
        out += "\\\\";
    else if (first == '\n')
        out += "\\n";
    else if (first == '\r')
        out += "\\r";
    else if (first == '\t')
        out += "\\t";
    else if (static_cast<unsigned char>(first) < 0x20 || first == 0x7F)
        append_hex(out, static_cast<unsigned char>(first));
    else if (is_c1_control(sequence))
        for (const char byte : sequence)
            append_hex(out, static_cast<unsigned char>(byte));
    else
        out += sequence;
}

}  // namespace

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (const std::size_t length = utf8_sequence(text)) {
            append_escaped(out, text.substr(0, length));
            text.remove_prefix(length);
        } else {
            append_hex(out, static_cast<unsigned char>(text[0]));
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
        switch (text[at]) {
            case '\\':
                out += '\\';
                break;
            case 'n':
                out += '\n';
                break;
            case 'r':
                out += '\r';
                break;
            case 't':
                out += '\t';
                break;
            case 'x': {
                const auto byte = parse_number<unsigned char>(text.substr(at + 1, 2), 16);
                if (!byte || at + 2 >= text.size())
                    return std::nullopt;
                out += static_cast<char>(*byte);
                at += 2;
                break;
            }
            default:
                return std::nullopt;
        }
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
