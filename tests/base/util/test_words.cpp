#include "base/util/words.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace notifybridge::util {
namespace {

using Words = std::vector<std::string>;

struct Line {
    WordRules rules;
    const char* text;
    Words words;
    Extracted end = Extracted::end;

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        return out << line.text;
    }
};

constexpr WordRules by_colon{.separators = ":", .dont_coalesce = true};
constexpr WordRules relaxed{.unquote = true, .relax = true};
constexpr WordRules kept{.keep_quote = true};
constexpr WordRules separated{.separators = ":", .cunescape = true, .unescape_separators = true};

const Line lines[] = {
    {quoted_words, "", {}},
    {quoted_words, " \t", {}},
    {quoted_words, " a  b\t\nc ", {"a", "b", "c"}},
    {quoted_words, "'a b' \"c d\" '' \"\"", {"a b", "c d", "", ""}},
    {quoted_words, "a'b c'd \"e'f\"", {"ab cd", "e'f"}},
    {quoted_words, "a\\ b \\n \\\\", {"a b", "n", "\\"}},
    {quoted_words, "a 'b", {"a"}, Extracted::invalid},
    {quoted_words, "a \\", {"a"}, Extracted::invalid},
    {plain_words, "\"a b\" c\\x20d \\", {"\"a", "b\"", "c\\x20d", "\\"}},
    {escaped_words, "\\x41\\102\\u00e4\\U0001f600", {"AB\xC3\xA4\xF0\x9F\x98\x80"}},
    {escaped_words, "\\a\\b\\f\\n\\r\\t\\v\\s\\'\\\"\\\\", {"\a\b\f\n\r\t\v '\"\\"}},
    {escaped_words, "a \\q", {"a"}, Extracted::invalid},
    {escaped_words, "a \\x4", {"a"}, Extracted::invalid},
    {escaped_words, "a \\000", {"a"}, Extracted::invalid},
    {escaped_words, "a \\x00", {"a"}, Extracted::invalid},
    {escaped_words, "a \\400", {"a"}, Extracted::invalid},
    {escaped_words, "a \\U00110000", {"a"}, Extracted::invalid},
    {relaxed, "a 'b c", {"a", "b c"}},
    {relaxed, "a\\", {"a"}},
    {kept, "'a b' c", {"'a b'", "c"}},
    {by_colon, "a::b:", {"a", "", "b", ""}},
    {by_colon, "", {""}},
    {separated, "a\\:b:c\\x41:d\\\\", {"a:b", "cA", "d\\"}},
};

Words read(WordReader& reader, Extracted& end) {
    Words words;
    std::string word;
    while ((end = reader.next(word)) == Extracted::word)
        words.push_back(word);
    return words;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(words)

BOOST_DATA_TEST_CASE(a_line_is_split_into_words_as_systemd_splits_it, lines, line) {
    WordReader reader(line.text, line.rules);
    Extracted end{};
    const Words words = read(reader, end);
    BOOST_TEST(words == line.words, boost::test_tools::per_element());
    BOOST_TEST((end == line.end));
}

BOOST_AUTO_TEST_CASE(relaxed_rules_for_words_keep_an_unknown_escape) {
    WordReader reader("a\\qb\\x41 'c\\z' 'd", escaped_words);
    std::string word;
    bool had_unknown = false;
    BOOST_TEST((reader.next_relaxed(word, had_unknown) == Extracted::word));
    BOOST_TEST(word == "a\\qbA");
    BOOST_TEST(had_unknown);
    BOOST_TEST((reader.next_relaxed(word, had_unknown) == Extracted::word));
    BOOST_TEST(word == "c\\z");
    BOOST_TEST((reader.next_relaxed(word, had_unknown) == Extracted::invalid));
    BOOST_TEST(reader.rest() == "'d");
}

BOOST_AUTO_TEST_CASE(an_invalid_escape_makes_the_whole_line_invalid) {
    BOOST_TEST(cunescape("a\\tb\\x20c").value() == "a\tb c");
    BOOST_TEST(!cunescape("a\\q").has_value());
    BOOST_TEST(!cunescape("a\\").has_value());
}

BOOST_AUTO_TEST_CASE(joined_words_are_split_into_the_same_words) {
    const Words words = {"plain",     "",      "with space", "quote\" and ' and \\",
                         "line\nend", "tab\t", "\xC3\xA9",   "$x %y"};
    const std::string joined = join_words(words);
    WordReader reader(joined, escaped_words);
    Extracted end{};
    BOOST_TEST(read(reader, end) == words, boost::test_tools::per_element());
    BOOST_TEST((end == Extracted::end));
    BOOST_TEST(join_words(Words{"--a=b/c:1,2", "d e"}) == "--a=b/c:1,2 \"d e\"");
    BOOST_TEST(join_shell_words(Words{"a", "it's $x", ""}) == "a 'it'\\''s $x' ''");
    BOOST_TEST(shell_word("/run/app") == "/run/app");
    BOOST_TEST(shell_word("/run/a b;c") == "'/run/a b;c'");
    BOOST_TEST(shell_word("a\\x2db.service") == "'a\\x2db.service'");
    BOOST_TEST(shell_word("it's\n\x1B\\") == R"($'it\'s\n\x1b\\')");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
