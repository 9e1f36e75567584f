#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Splits values into words like systemd's extract_first_word (systemd.syntax(7), QUOTING). A
/// quoted part may begin in the middle of a word.
namespace notifybridge::util {

inline constexpr auto npos = std::string_view::npos;

/// systemd's WHITESPACE characters.
inline constexpr std::string_view white_space = " \t\n\r";

/// Returns `text` without white space at both ends.
std::string_view strip(std::string_view text) noexcept;

/// The rules for reading words. Their names are those of systemd's EXTRACT_ flags.
struct WordRules {
    std::string_view separators = white_space;  ///< The separators; never letters, digits or any of
                                                ///< "-./_".
    bool unquote = false;                       ///< Whether to keep quoted separators and remove
                                                ///< the quotes.
    /// Whether to replace \n, \x20, \040, \u00e4 and so on. Other escapes are then invalid.
    bool cunescape = false;
    bool unescape_relax = false;       ///< Whether to keep unknown escapes unchanged.
    bool unescape_separators = false;  ///< Whether to accept "\" before a separator or another "\".
    bool relax = false;                ///< Whether to accept a missing closing quote at the end.
    bool keep_quote = false;           ///< Whether to keep quoted separators and the quotes.
    bool retain_escape = false;        ///< Whether to treat "\" like any other character.
    bool dont_coalesce = false;        ///< Whether two adjacent separators enclose an empty word.
};

/// `quoted_words` are the rules of most directives. `escaped_words` are the rules of Exec lines and
/// Environment=.
inline constexpr WordRules quoted_words{.unquote = true};
inline constexpr WordRules escaped_words{.unquote = true, .cunescape = true};
inline constexpr WordRules plain_words{.retain_escape = true};

enum class Extracted {
    word,
    end,
    invalid,  ///< An unknown escape or a missing closing quote.
};

/// A reader of the words in a text, one after the other.
class WordReader {
public:
    explicit WordReader(std::string_view text, WordRules rules = quoted_words)
        : rest_(text), rules_(rules) {}

    Extracted next(std::string& word);

    /// Reads a word like `next`. If unknown escapes are the only fault, keeps them unchanged and
    /// sets `had_unknown_escape`.
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

/// The bytes that an escape stands for, and the length of the escape without its "\".
struct Escape {
    std::string bytes;
    std::size_t length = 0;
};
/// Parses the escape at the start of `text`, which begins after the "\". Returns nullopt if the
/// escape is unknown or stands for NUL (systemd's cunescape_one).
std::optional<Escape> parse_escape(std::string_view text);

/// Returns `text` with all escapes replaced. Returns nullopt if an escape is unknown.
std::optional<std::string> cunescape(std::string_view text);

/// Returns a text that `escaped_words` splits into `words` again. Uses double quotes if necessary.
std::string join_words(std::span<const std::string> words);

/// Joins words like `join_words`, but for a POSIX shell, with single quotes.
std::string join_shell_words(std::span<const std::string> words);

/// Returns one word for a person to paste into bash, zsh or another shell that supports $'…'. The
/// result is safe to print on a terminal.
std::string shell_word(std::string_view word);

}  // namespace notifybridge::util
