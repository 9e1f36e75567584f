#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Values split into words, as systemd.syntax(7), QUOTING says it and systemd's extract_first_word
/// does it, quotes within a word included.
namespace notifybridge::util {

/// systemd's WHITESPACE.
inline constexpr auto npos = std::string_view::npos;

inline constexpr std::string_view white_space = " \t\n\r";

/// `text` without white space at both ends.
std::string_view strip(std::string_view text) noexcept;

/// How words are read; the names are those of systemd's EXTRACT_ flags.
struct WordRules {
    std::string_view separators = white_space;  ///< Neither letters nor digits nor "-./_".
    bool unquote = false;                       ///< Quotes hold words together, and go.
    bool cunescape = false;            ///< \n, \x20, \040, \u00e4 and so on; others are invalid.
    bool unescape_relax = false;       ///< Other escapes stay as they are.
    bool unescape_separators = false;  ///< "\" before a separator or a "\".
    bool relax = false;                ///< A missing closing quote is at the end.
    bool keep_quote = false;           ///< Quotes hold words together, and stay.
    bool retain_escape = false;        ///< "\" is a character like any other.
    bool dont_coalesce = false;        ///< Between two separators there is an empty word.
};

/// Words as most directives have them, and as Exec lines and Environment= have them.
inline constexpr WordRules quoted_words{.unquote = true};
inline constexpr WordRules escaped_words{.unquote = true, .cunescape = true};
inline constexpr WordRules plain_words{.retain_escape = true};

enum class Extracted {
    word,
    end,
    invalid,  ///< An unknown escape, or a quote that does not end.
};

/// Takes one word after the other.
class WordReader {
public:
    explicit WordReader(std::string_view text, WordRules rules = quoted_words)
        : rest_(text), rules_(rules) {}

    Extracted next(std::string& word);

    /// The same; but where that fails for unknown escapes only, they stay as they are, and
    /// `had_unknown_escape` is set.
    Extracted next_relaxed(std::string& word, bool& had_unknown_escape);

    /// What is left, white space in front of the next word skipped.
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

/// The value of the escape that `text` starts with, after its "\": as bytes, and how much of `text`
/// it takes. Nothing where there is none, or it stands for NUL (systemd's cunescape_one).
struct Escape {
    std::string bytes;
    std::size_t length = 0;
};
std::optional<Escape> parse_escape(std::string_view text);

/// All of `text` with its escapes replaced, unknown ones being an error.
std::optional<std::string> cunescape(std::string_view text);

/// A text that `escaped_words` are read from again, in double quotes where they need it.
std::string join_words(std::span<const std::string> words);

/// The same for a POSIX shell, in single quotes.
std::string join_shell_words(std::span<const std::string> words);

/// Returns one word that a person can paste into bash, zsh or another shell that has $'…', and that
/// no terminal acts on, whatever it holds.
std::string shell_word(std::string_view word);

}  // namespace notifybridge::util
