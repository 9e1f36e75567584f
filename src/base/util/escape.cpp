#include "base/util/escape.hpp"

#include <algorithm>
#include <array>

#include "base/util/number.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::util {
namespace {

constexpr std::size_t quoted_limit = 256;

/// The letters of the escapes, in the order of the characters in `plain`.
constexpr std::string_view escape_letters = "\\nrt";
constexpr std::string_view plain = "\\\n\r\t";

struct Range {
    char32_t first;
    char32_t last;
};

/// Characters that are written as escapes. C1 controls act like ESC sequences on some terminals.
/// Invisible characters change the order or the meaning of the text around them (Unicode 15: Cf,
/// Zl, Zp, and the letters among Default_Ignorable_Code_Point). Variation selectors are not in the
/// list, because emojis use them.
constexpr auto unseen = std::to_array<Range>({
    {0x80, 0x9F},        // C1 controls
    {0xAD, 0xAD},        // soft hyphen
    {0x34F, 0x34F},      // combining grapheme joiner
    {0x61C, 0x61C},      // Arabic letter mark
    {0x115F, 0x1160},    // Hangul fillers
    {0x17B4, 0x17B5},    // Khmer inherent vowels
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200F},    // zero-width characters and direction marks
    {0x2028, 0x202E},    // line separators; embeddings and overrides of the direction
    {0x2060, 0x206F},    // word joiner, invisible operators, direction isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // halfwidth Hangul filler
    {0xFFF0, 0xFFFB},    // interlinear annotation
    {0x1BCA0, 0x1BCA3},  // shorthand format controls
    {0x1D173, 0x1D17A},  // musical format controls
    {0xE0000, 0xE0FFF},  // tags
});

/// Appends `text` escaped, except for the characters in `kept`.
void append_escaped(std::string& out, std::string_view text, std::string_view kept) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        const std::string_view sequence = text.substr(0, std::max<std::size_t>(1, length));
        text.remove_prefix(sequence.size());
        if (kept.find(sequence[0]) != kept.npos)
            out += sequence;
        else if (const std::size_t at = plain.find(sequence[0]); at != plain.npos)
            out += {'\\', escape_letters[at]};
        else if (length != 0 && !is_unseen(sequence))
            out += sequence;
        else
            for (const char byte : sequence)
                append_hex(out, byte);
    }
}

}  // namespace

bool is_unseen(std::string_view sequence) {
    const char32_t point = code_point(sequence);
    if (point < 0x80)
        return point < 0x20 || point == 0x7F;
    return std::ranges::any_of(
        unseen, [&](Range range) { return range.first <= point && point <= range.last; });
}

void append_hex(std::string& out, char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    out += {'\\', 'x', digits[value >> 4], digits[value & 15]};
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_escaped(out, text, "");
    return out;
}

std::string escape_unseen(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_escaped(out, text, "\\\t");
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
    for (const char byte : escape(utf8_prefix(text, quoted_limit))) {
        if (byte == '"')
            out += '\\';
        out += byte;
    }
    return out + (text.size() > quoted_limit ? "\"..." : "\"");
}

}  // namespace notifybridge::util
