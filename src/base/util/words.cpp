#include "base/util/words.hpp"

#include <algorithm>
#include <cstdint>

#include "base/util/escape.hpp"
#include "base/util/number.hpp"

namespace notifybridge::util {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
    const auto continuation = [](std::uint32_t bits) {
        return static_cast<char>(0x80 | (bits & 0x3F));
    };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | (code >> 6));
        out += continuation(code);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | (code >> 12));
        out += continuation(code >> 6);
        out += continuation(code);
    } else {
        out += static_cast<char>(0xF0 | (code >> 18));
        out += continuation(code >> 12);
        out += continuation(code >> 6);
        out += continuation(code);
    }
}

/// Returns whether `byte` is plain under all rules: never a separator, a quote or an escape.
bool is_always_plain(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '-' && byte <= '9') || byte == '_';
}

std::optional<std::uint32_t> parse_digits(std::string_view text, std::size_t count, int base) {
    const std::string_view number = text.substr(0, count);
    if (number.size() < count)
        return std::nullopt;
    const auto value = util::parse_number<std::uint32_t>(number, base);
    if (!value || *value == 0)
        return std::nullopt;
    return value;
}

/// Parses bytes (\xNN and \NNN) and characters (\uNNNN and \UNNNNNNNN).
std::optional<Escape> parse_numeric_escape(std::string_view text) {
    Escape escape;
    if (text[0] == 'x') {
        const auto byte = parse_digits(text.substr(1), 2, 16);
        if (!byte)
            return std::nullopt;
        return Escape{std::string(1, static_cast<char>(*byte)), 3};
    }
    if (text[0] == 'u' || text[0] == 'U') {
        const std::size_t count = text[0] == 'u' ? 4 : 8;
        const auto code = parse_digits(text.substr(1), count, 16);
        const bool is_surrogate = code && *code >= 0xD800 && *code < 0xE000;
        if (!code || (count == 8 && (*code > 0x10FFFF || is_surrogate)))
            return std::nullopt;
        append_utf8(escape.bytes, *code);
        escape.length = count + 1;
        return escape;
    }
    const auto octal = parse_digits(text, 3, 8);
    if (!octal || *octal > 0xFF)
        return std::nullopt;
    return Escape{std::string(1, static_cast<char>(*octal)), 3};
}

}  // namespace

std::string_view strip(std::string_view text) noexcept {
    const auto is_white = [](char byte) { return white_space.find(byte) != npos; };
    std::size_t first = 0;
    std::size_t end = text.size();
    while (first < end && is_white(text[first]))
        ++first;
    while (first < end && is_white(text[end - 1]))
        --end;
    return text.substr(first, end - first);
}

std::optional<Escape> parse_escape(std::string_view text) {
    constexpr std::string_view letters = "abfnrtv\\\"'s";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\\"' ";
    if (text.empty())
        return std::nullopt;
    const std::size_t letter = letters.find(text[0]);
    if (letter != npos)
        return Escape{std::string(1, meanings[letter]), 1};
    return parse_numeric_escape(text);
}

std::optional<std::string> cunescape(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (text[0] != '\\') {
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        const auto escape = parse_escape(text.substr(1));
        if (!escape)
            return std::nullopt;
        out += escape->bytes;
        text.remove_prefix(1 + escape->length);
    }
    return out;
}

bool WordReader::is_separator(char byte) const noexcept {
    return rules_.separators.find(byte) != npos;
}

void WordReader::skip_white_space() noexcept {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(white_space), rest_.size()));
}

Extracted WordReader::next(std::string& word) {
    const std::string_view before = rest_;
    word.clear();
    at_ = 0;
    quote_ = 0;
    if (ended_)
        return Extracted::end;
    const Extracted outcome = read(word);
    if (outcome == Extracted::invalid)
        rest_ = before;
    return outcome;
}

Extracted WordReader::next_relaxed(std::string& word, bool& had_unknown_escape) {
    Extracted outcome = next(word);
    if (outcome != Extracted::invalid || rules_.unescape_relax)
        return outcome;
    rules_.unescape_relax = true;
    outcome = next(word);
    rules_.unescape_relax = false;
    had_unknown_escape |= outcome == Extracted::word;
    return outcome;
}

/// Ends a word. The unread text begins at `at_`. If `is_last` is set, no more words follow.
void WordReader::finish(bool is_last) noexcept {
    rest_.remove_prefix(std::min(at_, rest_.size()));
    ended_ = is_last;
}

Extracted WordReader::read(std::string& word) {
    while (!at_end() && is_separator(here())) {
        ++at_;
        if (rules_.dont_coalesce) {
            finish(false);
            return Extracted::word;
        }
    }
    if (at_end()) {
        finish(true);
        return rules_.dont_coalesce ? Extracted::word : Extracted::end;
    }
    const bool knows_quotes = rules_.unquote || rules_.keep_quote;
    while (!at_end()) {
        const char byte = here();
        if (knows_quotes && (byte == '\'' || byte == '"')) {
            if (!read_quoted(word))
                return Extracted::invalid;
        } else if (byte == '\\' && !rules_.retain_escape) {
            ++at_;
            if (!read_escape(word))
                return Extracted::invalid;
        } else if (is_separator(byte)) {
            ++at_;
            while (!rules_.dont_coalesce && !at_end() && is_separator(here()))
                ++at_;
            finish(at_end() && !rules_.dont_coalesce);
            return Extracted::word;
        } else {
            take_plain(word);
        }
    }
    finish(true);
    return Extracted::word;
}

/// Takes the current byte, and all plain bytes that follow.
void WordReader::take_plain(std::string& word) {
    std::size_t end = at_ + 1;
    while (end < rest_.size() && is_always_plain(rest_[end]))
        ++end;
    word += rest_.substr(at_, end - at_);
    at_ = end;
}

/// Reads the rest of an escape after its "\". Returns false if the escape is invalid.
bool WordReader::read_escape(std::string& word) {
    if (at_end()) {
        const bool may_stay = rules_.unescape_relax && (quote_ == 0 || rules_.relax);
        if (may_stay)
            word += '\\';
        return may_stay || rules_.relax;
    }
    if (!rules_.cunescape && !rules_.unescape_separators) {
        word += here();
        ++at_;
        return true;
    }
    const auto escape = rules_.cunescape ? parse_escape(rest_.substr(at_)) : std::nullopt;
    if (escape) {
        word += escape->bytes;
        at_ += escape->length;
        return true;
    }
    const bool is_separating =
        rules_.unescape_separators && (is_separator(here()) || here() == '\\');
    if (!is_separating && !rules_.unescape_relax)
        return false;
    if (!is_separating)
        word += '\\';
    word += here();
    ++at_;
    return true;
}

/// Reads from a quote to its closing quote. Returns false if the closing quote is missing or an
/// escape is invalid.
bool WordReader::read_quoted(std::string& word) {
    quote_ = here();
    ++at_;
    if (!rules_.unquote)
        word += quote_;
    while (!at_end()) {
        const char byte = here();
        ++at_;
        if (byte == quote_) {
            if (!rules_.unquote)
                word += quote_;
            quote_ = 0;
            return true;
        }
        if (byte != '\\' || rules_.retain_escape)
            word += byte;
        else if (!read_escape(word))
            return false;
    }
    return rules_.relax;
}

namespace {

/// Returns whether a shell and `escaped_words` read the unquoted `word` as one word.
bool is_plain(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char byte) {
        return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')
               || (byte >= 'a' && byte <= 'z') || std::string_view("%+,-./:=@_").find(byte) != npos;
    });
}

std::string quote_word(std::string_view word) {
    std::string out = "\"";
    for (const char byte : word) {
        if (byte == '\n') {
            out += "\\n";
            continue;
        }
        if (byte == '"' || byte == '\\')
            out += '\\';
        out += byte;
    }
    return out + '"';
}

std::string quote_shell_word(std::string_view word) {
    std::string out = "'";
    for (const char byte : word)
        out += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
    return out + '\'';
}

std::string join(std::span<const std::string> words, std::string (*quote)(std::string_view)) {
    std::string out;
    for (const std::string& word : words) {
        if (!out.empty())
            out += ' ';
        out += is_plain(word) ? word : quote(word);
    }
    return out;
}

}  // namespace

std::string join_words(std::span<const std::string> words) {
    return join(words, quote_word);
}

std::string join_shell_words(std::span<const std::string> words) {
    return join(words, quote_shell_word);
}

std::string shell_word(std::string_view word) {
    if (is_plain(word))
        return std::string(word);
    if (escape_unseen(word) == word)
        return quote_shell_word(word);
    std::string out = "$'";
    for (const char byte : escape(word))
        out += byte == '\'' ? std::string("\\'") : std::string(1, byte);
    return out + '\'';
}

}  // namespace notifybridge::util
