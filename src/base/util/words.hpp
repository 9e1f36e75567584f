#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Splits values into words as systemd.syntax(7), QUOTING and systemd's extract_first_word do,
/// including quotes within a word.
namespace notifybridge::util {

inline constexpr auto npos = std::string_view::npos;

/// systemd's WHITESPACE.
inline constexpr std::string_view white_space = " \t\n\r";

/// Returns `text` without white space at both ends.
std::string_view strip(std::string_view text) noexcept;

/// How words are read; the names are those of systemd's EXTRACT_ flags.
struct WordRules {
    std::string_view separators = white_space;  ///< Must not be letters, digits or any of "-./_".
    bool unquote = false;                       ///< Quotes hold words together, and are removed.
    bool cunescape = false;            ///< Replaces \n, \x20, \040, \u00e4 and so on; other escapes
                                       ///< are invalid.
    bool unescape_relax = false;       ///< Keeps unknown escapes as they are.
    bool unescape_separators = false;  ///< Accepts "\" before a separator or another "\".
    bool relax = false;                ///< Accepts a missing closing quote at the end.
    bool keep_quote = false;           ///< Quotes hold words together, and are kept.
    bool retain_escape = false;        ///< Treats "\" like any other character.
    bool dont_coalesce = false;        ///< Two separators in a row enclose an empty word.
};

/// The rules of most directives, then those of Exec lines and Environment=.
inline constexpr WordRules quoted_words{.unquote = true};
inline constexpr WordRules escaped_words{.unquote = true, .cunescape = true};
inline constexpr WordRules plain_words{.retain_escape = true};

enum class Extracted {
    word,
    end,
    invalid,  ///< An unknown escape, or a missing closing quote.
};

/// Reads words one after the other.
class WordReader {
public:
    explicit WordReader(std::string_view text, WordRules rules = quoted_words)
        : rest_(text), rules_(rules) {}

    Extracted next(std::string& word);

    /// Like `next`, but keeps unknown escapes as they are if nothing else is wrong, and sets
    /// `had_unknown_escape` then.
    Extracted next_relaxed(std::string& word, bool& had_unknown_escape);

    /// Returns the unread text, without the white space before the next word.
    std::string_view rest() const noexcept { return rest_; }
    void skip(std::size_t bytes) noexcept { rest_.remove_prefix(bytes); }
    void skip_white_space() noexcept;

private:
    bool at_end() const noexcept { return at_ >= rest_.size(); }
    char here() const noexcept { return rest_[at_]; }
    bool is_separator(char byte) const noexcept;
    Extracted read(std::string& word);
    void take_plain(std::string& word);
    bool read_escape(std::string& word);
    bool read_quoted(std::string& word);
    void finish(bool is_last) noexcept;

    std::string_view rest_;
    WordRules rules_;
    std::size_t at_ = 0;
    char quote_ = 0;
    bool ended_ = false;
};

/// The bytes that an escape stands for, and its length in `text` without the "\".
struct Escape {
    std::string bytes;
    std::size_t length = 0;
};
/// Parses the escape that `text` starts with, after its "\". Returns nullopt if it is unknown or
/// stands for NUL (systemd's cunescape_one).
std::optional<Escape> parse_escape(std::string_view text);

/// Returns `text` with all escapes replaced, or nullopt if one is unknown.
std::optional<std::string> cunescape(std::string_view text);

/// Returns a text from which `escaped_words` reads `words` again, with double quotes if needed.
std::string join_words(std::span<const std::string> words);

/// Like `join_words`, but for a POSIX shell, with single quotes.
std::string join_shell_words(std::span<const std::string> words);

/// Returns one word that a person can paste into bash, zsh or another shell with $'…', and that is
/// safe to print on a terminal.
std::string shell_word(std::string_view word);

}  // namespace notifybridge::util
